import { Injectable } from '@nestjs/common';
import { PRIORITY, type Audience, type Params } from '#contracts';
import { hasBadUnicode, previewText } from '#content';
import { DatabaseClock, newMessageId, type NewMessage } from '#entities';
import { GuardedHttp, Metrics } from '#platform';
import { SensitiveWords } from '../catalog/sensitive-words.service.js';
import type { AcceptMessage, AcceptedMessage } from './accept-message.command.js';
import { CountSmsService } from './count-sms.service.js';
import { GroupCommit } from './group-commit.service.js';
import { IntakeError } from './intake-error.js';
import { PlanMessageService, missingParam, type CheckedMessage, type PlannedMessage } from './plan-message.service.js';
import { ReachCheck } from './reach-check.service.js';
import { ResolveAudienceService } from './resolve-audience.service.js';
import { textsOf } from './texts-of.js';

const MAX_AHEAD_MS = 180 * 24 * 3600 * 1000;

/** The one way into the center: checks a command, commits it, answers its id. */
@Injectable()
export class AcceptMessageService {
  constructor(
    private readonly planner: PlanMessageService,
    private readonly audiences: ResolveAudienceService,
    private readonly sensitiveWords: SensitiveWords,
    private readonly reach: ReachCheck,
    private readonly sms: CountSmsService,
    private readonly outgoing: GuardedHttp,
    private readonly clock: DatabaseClock,
    private readonly commits: GroupCommit,
    private readonly metrics: Metrics,
  ) {}

  /** @throws IntakeError refused, nothing stored. Resolves after COMMIT. */
  async accept(command: AcceptMessage): Promise<AcceptedMessage> {
    const checked = await this.sms.count(command, await this.check(command));
    const message = this.toMessage(command, checked);
    const result = await this.commits.commit(message);
    if (result.kind === 'unreachable') throw await this.refusalOf(command, message);
    if (result.kind === 'idempotency-conflict') {
      throw new IntakeError(
        'idempotency_conflict',
        'This idempotency key was used with another body in the last 24 hours.',
      );
    }
    if (result.kind === 'over-sms-quota') throw overQuota(checked);
    if (result.isNew) this.metrics.accepted.inc({ door: command.door });
    return { messageId: result.messageId, status: result.isScheduled ? 'scheduled' : 'accepted' };
  }

  /** Every check of `accept` without storing anything, but for `mustReach`, which the commit itself decides. */
  async check(command: AcceptMessage): Promise<CheckedMessage> {
    checkUnicode(command);
    this.checkOptions(command);
    const params = command.params ?? {};
    const planned = await this.planner.plan(command);
    const audience = await this.audiences.resolve(command);
    this.checkParams(planned, params, audience);
    if (await this.sensitiveWords.isIn(() => wordsOf(planned, params, audience))) {
      throw new IntakeError('sensitive_word', 'The text holds a sensitive word.');
    }
    return { ...planned, audience, params };
  }

  private checkOptions(command: AcceptMessage): void {
    if (command.statusCallback !== undefined) {
      const problem = this.outgoing.checkUrlLiteral(command.statusCallback);
      if (problem !== null)
        throw new IntakeError(
          'callback_refused',
          `The status callback may not be called: ${problem}`,
          'statusCallback',
        );
    }
    const now = this.clock.nowMs();
    const sendAt = command.sendAt === undefined ? now : Date.parse(command.sendAt);
    if (Number.isNaN(sendAt) || sendAt > now + MAX_AHEAD_MS) {
      throw new IntakeError('time_refused', '"sendAt" must be a time at most 180 days ahead.', 'sendAt');
    }
    if (command.expiresAt !== undefined && !(Date.parse(command.expiresAt) > Math.max(now, sendAt))) {
      throw new IntakeError('time_refused', '"expiresAt" must be later than now and later than "sendAt".', 'expiresAt');
    }
  }

  private checkParams({ needed }: PlannedMessage, params: Params, audience: Audience): void {
    if (needed.size === 0) return;
    const others = audience.tagIds || audience.orgUnits || audience.all;
    const own = [...(audience.users ?? []), ...(audience.addresses ?? [])].map((entry) => entry.params);
    for (const personal of others ? [undefined, ...own] : own) {
      const name = missingParam(needed, params, personal);
      if (name !== null) {
        throw new IntakeError(
          'param_missing',
          `Placeholder "${name}" has no value: add it to "params".`,
          `params.${name}`,
          { param: name },
        );
      }
    }
  }

  private toMessage(command: AcceptMessage, checked: CheckedMessage): NewMessage {
    return {
      id: newMessageId(this.clock.nowMs()),
      clientAppId: command.app.appId,
      door: command.door,
      kind: command.kind ?? 'notice',
      priority: PRIORITY[command.priority ?? 'normal'],
      content: checked.content,
      templateVersionId: checked.template?.version_id ?? null,
      params: checked.params,
      audience: checked.audience,
      plan: checked.plan,
      statusCallback: command.statusCallback ?? null,
      clientRef: command.clientRef ?? null,
      reply: command.reply ?? false,
      sendAt: command.sendAt ?? null,
      expiresAt: command.expiresAt ?? null,
      idempotency: command.idempotency ?? null,
      mustReach: this.reach.conditionOf(command, checked),
    };
  }

  private async refusalOf(command: AcceptMessage, { mustReach }: NewMessage): Promise<Error> {
    return mustReach
      ? this.reach.refusal(command, mustReach)
      : new Error('a message without a condition was found unreachable');
  }
}

const overQuota = ({ plan: { smsSegments = 0 } }: PlannedMessage): IntakeError =>
  new IntakeError(
    'sms_quota_exceeded',
    `The SMS quota of this client app does not cover this message (SMS segments: ${smsSegments}). Nothing was sent: wait for the next day, or ask the administrator to raise it.`,
    undefined,
    { segments: smsSegments },
  );

/** What PostgreSQL refuses (NUL) or UTF-8 cannot carry (lone surrogates) is refused here, before anything looks at it. */
function checkUnicode({ app: _app, ...given }: AcceptMessage): void {
  for (const text of textsOf(given)) {
    if (hasBadUnicode(text))
      throw new IntakeError('text_invalid', 'A text holds NUL or half a character (a lone surrogate).');
  }
}

/** Every text a recipient may read: as written, as given, and with the params in place, so that no word hides in a seam. */
function wordsOf({ template, content }: PlannedMessage, params: Params, audience: Audience): string[] {
  const own = [...(audience.users ?? []), ...(audience.addresses ?? [])].flatMap((entry) =>
    entry.params ? [entry.params] : [],
  );
  const written = textsOf(template?.content);
  const filled = [params, ...own].flatMap((values) => written.map((text) => previewText(text, values)));
  return [...textsOf(content), ...written, ...textsOf(params), ...textsOf(own), ...filled];
}
