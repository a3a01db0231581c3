import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, QUEUES, type Channel } from '#contracts';
import {
  DeliveryWorkRepository,
  WorkRepository,
  encodeDeliveryRef,
  type ClaimedWork,
  type DueDelivery,
} from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, Metrics, failpoint } from '#platform';
import type { OutboundDelivery, Outcome } from '#providers';
import { Accounts, type OpenAccount } from '../accounts/accounts.service.js';
import { Pacing } from '../accounts/pacing.service.js';
import { Lease } from './lease.js';
import { MessageContent, isRenderProblem } from './message-content.service.js';
import { SettleWorkService, type DoneDelivery } from './settle-work.service.js';

const NOT_CONFIGURED: Outcome = {
  class: 'bad_config',
  code: 'not_configured',
  words: 'no provider serves this channel',
};

/** Work that could not even be prepared (the database, the master key) is looked at again after this. */
const GIVE_BACK_S = 10;

interface Outgoing {
  delivery: DueDelivery;
  outbound: OutboundDelivery;
}

interface Prepared {
  /** Ended without a call. */
  done: DoneDelivery[];
  /** Null: there is nothing to call for. */
  account: OpenAccount | null;
  outgoing: Outgoing[];
  messages: Awaited<ReturnType<MessageContent['load']>>;
}

/** A batch of due work: claim, call the provider, settle. A repeated event claims nothing and does nothing. */
@Injectable()
export class DeliverWorkService {
  constructor(
    private readonly work: WorkRepository,
    private readonly deliveries: DeliveryWorkRepository,
    private readonly content: MessageContent,
    private readonly accounts: Accounts,
    private readonly pacing: Pacing,
    private readonly settlement: SettleWorkService,
    private readonly bus: MessageBus,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  async deliver(channel: Channel, workIds: readonly number[]): Promise<void> {
    const token = randomUUID();
    const claimed = await this.work.claim(workIds, token);
    if (claimed.length === 0) return;
    failpoint('worker.after-claim');
    const lease = new Lease(
      this.work,
      token,
      claimed.map((row) => row.id),
    );
    try {
      const { done, account, outgoing, messages } = await this.prepare(channel, claimed).catch((error: unknown) =>
        this.giveBack(token, claimed, error),
      );
      if (account) done.push(...(await this.call(channel, account, outgoing, messages)));
      failpoint('worker.before-settle');
      await this.settlement.settle(token, claimed, done);
      failpoint('worker.after-settle');
    } finally {
      lease.end();
    }
    this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // reporting looks by itself, too
  }

  /** Nobody was called yet: the work is due again soon, and its next call is no possible duplicate. */
  private async giveBack(token: string, claimed: readonly ClaimedWork[], cause: unknown): Promise<never> {
    await this.work
      .release(
        token,
        claimed.map((row) => row.id),
        GIVE_BACK_S,
      )
      .catch(() => undefined); // the end of the lease gives it back, too
    throw cause;
  }

  /** All that can be known without calling a provider: what ended already, what cannot be sent, and what is to be sent. */
  private async prepare(channel: Channel, claimed: readonly ClaimedWork[]): Promise<Prepared> {
    const [due, messages] = await Promise.all([
      this.deliveries.load(claimed),
      this.content.load([...new Set(claimed.map((row) => row.message_id))]),
    ]);
    this.metrics.batchSize.observe({ stage: 'deliver' }, due.length);
    const expired = new Set(claimed.filter((row) => row.is_expired).map((row) => row.id));
    const done: DoneDelivery[] = [];
    const live: DueDelivery[] = [];
    for (const delivery of due) {
      if (delivery.is_cancelled) done.push({ delivery, ending: 'cancelled' });
      else if (expired.has(delivery.work_id)) done.push({ delivery, ending: 'expired' });
      else live.push(delivery);
    }
    if (live.length === 0) return { done, account: null, outgoing: [], messages: new Map() };
    this.countPossibleDuplicates(channel, claimed, live);
    const account = await this.open(channel);
    const outgoing: Outgoing[] = [];
    for (const delivery of live) {
      const message = messages.get(delivery.message_id);
      if (!message) continue; // its partition is gone: retention ended it
      const content = this.content.render(message, channel, delivery.params);
      if (isRenderProblem(content)) {
        done.push({
          delivery,
          message,
          account: null,
          outcome: { class: 'bad_content', ...content },
          startedAt: Date.now(),
        });
      } else if ('class' in account) {
        done.push({ delivery, message, account: null, outcome: account, startedAt: Date.now() });
      } else {
        outgoing.push({ delivery, outbound: toOutbound(delivery, message.source, content) });
      }
    }
    return { done, account: 'class' in account ? null : account, outgoing, messages };
  }

  /** The channel's account, or the outcome of every delivery where it cannot be used until an administrator acts. */
  private async open(channel: Channel): Promise<OpenAccount | Outcome> {
    try {
      return (await this.accounts.open(channel)) ?? NOT_CONFIGURED;
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'permanent') throw error;
      this.logger.error({ err: error, channel }, 'provider account cannot be used');
      return { class: 'bad_config', code: error.code, words: error.message };
    }
  }

  private async call(
    channel: Channel,
    account: OpenAccount,
    outgoing: readonly Outgoing[],
    messages: Awaited<ReturnType<MessageContent['load']>>,
  ): Promise<DoneDelivery[]> {
    const done: DoneDelivery[] = [];
    let size: number;
    for (let from = 0; from < outgoing.length; from += size) {
      size = await this.pacing.take(account, Math.min(account.provider.maxBatch, outgoing.length - from));
      if (size === 0) {
        done.push(...outgoing.slice(from).map(({ delivery }) => ({ delivery, ending: 'put-back' as const })));
        break;
      }
      let slice = outgoing.slice(from, from + size);
      if (from > 0) slice = await this.withoutCancelled(slice, done);
      if (slice.length === 0) continue;
      const startedAt = Date.now();
      failpoint('worker.before-call');
      const outcomes = await this.callOnce(account, slice);
      failpoint('worker.after-call');
      this.metrics.recordAttempt(
        channel,
        account.provider.name,
        (Date.now() - startedAt) / 1000,
        outcomes.map((outcome) => outcome.class),
      );
      slice.forEach(({ delivery }, index) => {
        const message = messages.get(delivery.message_id);
        const outcome = outcomes[index];
        if (message && outcome) done.push({ delivery, message, account, outcome, startedAt });
      });
    }
    return done;
  }

  /** Adapters answer every vendor failure; one that throws is a bug, and nobody knows what it had written. */
  private async callOnce(account: OpenAccount, slice: readonly Outgoing[]): Promise<Outcome[]> {
    try {
      const outcomes = await account.provider.send(
        slice.map((item) => item.outbound),
        new AbortController().signal,
      );
      if (outcomes.length === slice.length) return outcomes;
      throw new RangeError(`${outcomes.length} outcomes for ${slice.length} deliveries`);
    } catch (error) {
      this.logger.error(
        { err: error, provider: account.provider.name, channel: account.provider.channel },
        'provider adapter threw',
      );
      return slice.map(() => ({ class: 'unknown_outcome', code: 'adapter_threw' }));
    }
  }

  /** A long batch asks again before each further call. */
  private async withoutCancelled(slice: readonly Outgoing[], done: DoneDelivery[]): Promise<Outgoing[]> {
    const cancelled = await this.deliveries.cancelledAmong([...new Set(slice.map((item) => item.delivery.message_id))]);
    if (cancelled.size === 0) return [...slice];
    for (const { delivery } of slice)
      if (cancelled.has(delivery.message_id)) done.push({ delivery, ending: 'cancelled' });
    return slice.filter(({ delivery }) => !cancelled.has(delivery.message_id));
  }

  private countPossibleDuplicates(
    channel: Channel,
    claimed: readonly ClaimedWork[],
    live: readonly DueDelivery[],
  ): void {
    const again = new Set(claimed.filter((row) => row.claims > 1).map((row) => row.id));
    const count = live.filter((delivery) => again.has(delivery.work_id)).length;
    if (count > 0) this.metrics.possibleDuplicates.inc({ channel }, count);
  }
}

const toOutbound = (delivery: DueDelivery, source: string, content: OutboundDelivery['content']): OutboundDelivery => ({
  ref: encodeDeliveryRef(delivery.message_id, delivery.seq, delivery.ref),
  address: delivery.address,
  ...(delivery.name ? { name: delivery.name } : {}),
  source,
  content,
  attempt: delivery.attempts + 1,
});
