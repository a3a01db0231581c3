import { Injectable } from '@nestjs/common';
import type { Audience, Params } from '#contracts';
import { MAX_HTML_TAGS, hasBadUnicode, hasTooManyTags } from '#content';
import { DatabaseClock } from '#entities';
import { GuardedHttp } from '#platform';
import { SensitiveWords } from '../catalog/sensitive-words.service.js';
import type { AcceptMessage } from './accept-message.command.js';
import { IntakeError } from './intake-error.js';
import { PlanMessageService, missingParam, type CheckedMessage, type PlannedMessage } from './plan-message.service.js';
import { ResolveAudienceService } from './resolve-audience.service.js';
import { refuseOverlongParams } from './param-limits.policy.js';
import { refuseSmsSignature } from './sms-signature.policy.js';
import { hasText } from './texts-of.js';
import { wordsOf } from './words-of.js';

const NOBODY: readonly string[] = [];

const MAX_AHEAD_MS = 180 * 24 * 3600 * 1000;

/** What can be known of a command without storing anything, in the order in which a caller would ask. */
@Injectable()
export class CheckMessageService {
  constructor(
    private readonly planner: PlanMessageService,
    private readonly audiences: ResolveAudienceService,
    private readonly sensitiveWords: SensitiveWords,
    private readonly outgoing: GuardedHttp,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Every check of acceptance, but for what the commit itself decides: `mustReach`, `optOuts`, `openTodo`, quota, idempotency.
   * @throws IntakeError
   */
  async check(command: AcceptMessage): Promise<CheckedMessage> {
    checkUnicode(command);
    checkHtml(command);
    refuseOverlongParams(command.params);
    this.checkCallback(command);
    this.checkTimes(command);
    const { plan, template, content, needed } = await this.planner.plan(command);
    const audience = await this.audiences.resolve(command);
    const params = command.params ?? {};
    const asked: CheckedMessage = { plan, template, content, needed, audience, params, optedOut: NOBODY };
    checkParams(asked);
    if (command.refuseSmsSignature) refuseSmsSignature(asked);
    if (await this.sensitiveWords.isIn(() => wordsOf(asked)))
      throw new IntakeError('sensitive_word', 'The text holds a sensitive word.');
    return asked;
  }

  private checkCallback({ statusCallback }: AcceptMessage): void {
    const problem = statusCallback === undefined ? null : this.outgoing.checkUrlLiteral(statusCallback);
    if (problem !== null)
      throw new IntakeError('callback_refused', `The status callback may not be called: ${problem}`, 'statusCallback');
  }

  private checkTimes(command: AcceptMessage): void {
    const now = this.clock.nowMs();
    const sendAt = command.sendAt === undefined ? now : Date.parse(command.sendAt);
    if (Number.isNaN(sendAt) || sendAt > now + MAX_AHEAD_MS) {
      throw new IntakeError('time_refused', '"sendAt" must be a time at most 180 days ahead.', 'sendAt');
    }
    if (command.expiresAt !== undefined && !(Date.parse(command.expiresAt) > Math.max(now, sendAt))) {
      throw new IntakeError('time_refused', '"expiresAt" must be later than now and later than "sendAt".', 'expiresAt');
    }
  }
}

function checkHtml({ content }: AcceptMessage): void {
  if (content?.html !== undefined && hasTooManyTags(content.html))
    throw new IntakeError('text_invalid', `The HTML has more than ${MAX_HTML_TAGS} tags.`, 'content.html');
}

function checkParams({ needed, params, audience }: PlannedMessage & { params: Params; audience: Audience }): void {
  if (needed.size === 0) return;
  const others = audience.tagIds || audience.orgUnits || audience.devices || audience.all;
  if (others) refuseMissing(needed, params, undefined);
  for (const entry of audience.users ?? []) refuseMissing(needed, params, entry.params);
  for (const entry of audience.addresses ?? []) refuseMissing(needed, params, entry.params);
}

function refuseMissing(needed: ReadonlySet<string>, params: Params, personal: Params | undefined): void {
  const name = missingParam(needed, params, personal);
  if (name === null) return;
  throw new IntakeError('param_missing', `Placeholder "${name}" has no value: add it to "params".`, `params.${name}`, {
    param: name,
  });
}

/** What PostgreSQL refuses (NUL) or UTF-8 cannot carry (lone surrogates) is refused here, before anything looks at it. */
function checkUnicode(command: AcceptMessage): void {
  for (const field of Object.keys(command) as (keyof AcceptMessage)[]) {
    if (field !== 'app' && hasText(command[field], hasBadUnicode))
      throw new IntakeError('text_invalid', 'A text holds NUL or half a character (a lone surrogate).', field);
  }
}
