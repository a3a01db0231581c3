import { Injectable } from '@nestjs/common';
import { PRIORITY } from '#contracts';
import { DatabaseClock, newMessageId, type InsertResult, type NewMessage } from '#entities';
import { Metrics } from '#platform';
import type { AcceptMessage, AcceptedMessage } from './accept-message.command.js';
import { CheckMessageService } from './check-message.service.js';
import { CountSmsService } from './count-sms.service.js';
import { FirstAnswer } from './first-answer.service.js';
import { GroupCommit } from './group-commit.service.js';
import { IntakeError, MAX_NAMED, idempotencyConflict } from './intake-error.js';
import { LeaveOutOptOuts, isJudgedByCommit } from './leave-out-opt-outs.service.js';
import type { CheckedMessage, PlannedMessage } from './plan-message.service.js';
import { ReachCheck } from './reach-check.service.js';

interface Committed {
  checked: CheckedMessage;
  message: NewMessage;
  result: InsertResult;
}

/** The one way into the center: checks a command, commits it, answers its id. */
@Injectable()
export class AcceptMessageService {
  constructor(
    private readonly checks: CheckMessageService,
    private readonly reach: ReachCheck,
    private readonly optOuts: LeaveOutOptOuts,
    private readonly sms: CountSmsService,
    private readonly clock: DatabaseClock,
    private readonly commits: GroupCommit,
    private readonly first: FirstAnswer,
    private readonly metrics: Metrics,
  ) {}

  /** @throws IntakeError refused, nothing stored. Resolves after COMMIT. */
  async accept(command: AcceptMessage): Promise<AcceptedMessage> {
    try {
      return await this.acceptNew(command);
    } catch (error) {
      const first = error instanceof IntakeError ? await this.first.find(command) : null;
      if (!first) throw error;
      return first;
    }
  }

  private async acceptNew(command: AcceptMessage): Promise<AcceptedMessage> {
    const asked = await this.checks.check(command);
    const answer = isJudgedByCommit(command, asked.audience) ? await this.commit(command, asked, true) : null;
    if (answer && answer.result.kind !== 'opted-out') return this.answer(command, answer);
    const rest = command.optOuts ? { ...asked, ...(await this.optOuts.from(asked.audience, command)) } : asked;
    return this.answer(command, await this.commit(command, await this.sms.count(command, rest), false));
  }

  /** @param wantsAllIn store it only when nobody of them has opted out of the app */
  private async commit(command: AcceptMessage, checked: CheckedMessage, wantsAllIn: boolean): Promise<Committed> {
    const message = this.toMessage(command, checked, wantsAllIn);
    return { checked, message, result: await this.commits.commit(message) };
  }

  private async answer(command: AcceptMessage, { checked, message, result }: Committed): Promise<AcceptedMessage> {
    if (result.kind === 'unreachable') throw await this.refusalOf(command, message);
    if (result.kind === 'opted-out') throw new Error('a message without a condition was refused for opt-outs');
    if (result.kind === 'idempotency-conflict') throw idempotencyConflict();
    if (result.kind === 'over-sms-quota') throw overQuota(checked);
    if (result.kind === 'todo-duplicate') throw duplicateTodo(result.userIds);
    if (result.isNew) this.metrics.accepted.inc({ door: command.door });
    const status = result.isScheduled ? 'scheduled' : 'accepted';
    if (checked.optedOut.length === 0) return { messageId: result.messageId, status };
    return { messageId: result.messageId, status, optedOut: [...checked.optedOut] };
  }

  private toMessage(command: AcceptMessage, checked: CheckedMessage, wantsAllIn: boolean): NewMessage {
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
      wantsAllIn,
      openTodo: command.openTodo ?? null,
      remindEveryS: command.remindEveryS ?? null,
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

const duplicateTodo = (userIds: readonly string[]): IntakeError =>
  new IntakeError(
    'todo_duplicate',
    `The same to-do is still open for ${userIds.length} of the receivers: close it first. Nothing was sent.`,
    'to.users',
    { users: userIds.slice(0, MAX_NAMED) },
  );
