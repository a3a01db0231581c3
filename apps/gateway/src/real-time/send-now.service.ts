import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { QUEUES, RPC, type Channel, type SendNowAnswer, type SendNowV1 } from '#contracts';
import {
  CancelRepository,
  DatabaseClock,
  DeliveryLogRepository,
  FanOutRepository,
  TodoRepository,
  type DeliveryRow,
} from '#entities';
import { MessageBus, OverloadedError, RpcUnavailableError } from '#messaging';
import type { AcceptMessage } from '../intake/accept-message.command.js';
import { AcceptMessageService } from '../intake/accept-message.service.js';

/** A caller hears within this time that nobody is there to send. */
const WORKER_WITHIN_MS = 1_500;
/** A caller waits no longer for the provider. */
const OUTCOME_WITHIN_MS = 10_000;
/** What is left of the time when the provider is silent: for reading what is known by then. */
const READING_MS = 500;
const LOOK_AGAIN_MS = 200;
/** What had to wait (an account's pace, a worker that ended) is not sent long after its caller was answered. */
const SENT_WITHIN_MS = 30_000;

const IN_FLIGHT: ReadonlySet<string> = new Set(['pending', 'sending', 'retrying']);

/** What one person's delivery came to; without a status it was still under way when the caller could wait no longer. */
export interface SentNow {
  messageId: string;
  delivery: Pick<DeliveryRow, 'status' | 'errorCode' | 'errorText'> | null;
}

/** Accepts a message for one person, has it sent at once and answers what the provider said. */
@Injectable()
export class SendNowService {
  constructor(
    private readonly intake: AcceptMessageService,
    private readonly fanOut: FanOutRepository,
    private readonly deliveries: DeliveryLogRepository,
    private readonly messages: CancelRepository,
    private readonly todos: TodoRepository,
    private readonly clock: DatabaseClock,
    private readonly bus: MessageBus,
  ) {}

  /**
   * @throws IntakeError; AppError `transient` nobody is there to send it, and nothing will be sent
   * @param channel the one outgoing channel of the command
   */
  async send(command: Omit<AcceptMessage, 'realTime' | 'expiresAt'>, channel: Channel): Promise<SentNow> {
    const deadline = performance.now() + OUTCOME_WITHIN_MS;
    // Asked before anything is stored: what nobody can send is refused, not kept for later.
    await this.ask(channel, [], WORKER_WITHIN_MS);
    const expiresAt = new Date(this.clock.nowMs() + SENT_WITHIN_MS).toISOString();
    const { messageId } = await this.intake.accept({ ...command, expiresAt, realTime: true });
    // From here it goes out even if this process dies: its work is due soon, by the way of all work.
    const { work, hasSettlements } = await this.fanOut.fanOutSmall([messageId]);
    if (hasSettlements) this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // reporting looks by itself, too
    const workIds = work.filter((row) => row.channel === channel).map(({ id }) => id);
    if (workIds.length > 0) await this.hasten(messageId, channel, workIds, deadline);
    return { messageId, delivery: await this.outcomeOf(messageId, channel, deadline) };
  }

  private async hasten(
    messageId: string,
    channel: Channel,
    workIds: readonly number[],
    deadline: number,
  ): Promise<void> {
    try {
      await this.ask(channel, workIds, Math.max(deadline - READING_MS - performance.now(), READING_MS));
    } catch (error) {
      // Asked and not answered for: whoever has the work in hands settles it, and its delivery will tell.
      if (!isNotCarriedOut(error)) return;
      await this.messages.cancel(messageId, null);
      await this.todos.takeBack(messageId);
      throw error;
    }
  }

  private ask(channel: Channel, workIds: readonly number[], timeoutMs: number): Promise<SendNowAnswer> {
    const request: SendNowV1 = { channel, workIds: [...workIds] };
    return this.bus.request<SendNowAnswer>(RPC.sendNow(channel), request, timeoutMs);
  }

  /** Usually settled when the worker has answered; where another process had the work in hands, or it had to wait, it is looked for. */
  private async outcomeOf(messageId: string, channel: Channel, deadline: number): Promise<SentNow['delivery']> {
    for (;;) {
      const delivery = await this.find(messageId, channel);
      if (delivery && !IN_FLIGHT.has(delivery.status)) return delivery;
      if (performance.now() + LOOK_AGAIN_MS > deadline) return null;
      await sleep(LOOK_AGAIN_MS);
    }
  }

  private async find(messageId: string, channel: Channel): Promise<DeliveryRow | undefined> {
    const rows = await this.deliveries.list(messageId, -1, null, 2);
    return rows.find((row) => row.channel === channel);
  }
}

/** The broker or the worker went away between the two questions. */
const isNotCarriedOut = (error: unknown): boolean =>
  error instanceof RpcUnavailableError || error instanceof OverloadedError;
