import { setTimeout as delay } from 'node:timers/promises';
import type { Channel } from '#contracts';
import { RunningSends } from '../outcome/running-sends.js';
import { vendorWords } from '../outcome/vendor-words.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import type { SandboxStore } from '../port/sandbox-store.port.js';
import { sandboxRecipientOf, type SandboxRecipient } from './sandbox.outcomes.js';
import type { SandboxSettings } from './sandbox.settings.js';

const ABORTED: Outcome = { class: 'unknown_outcome', code: 'aborted' };
const NOT_STARTED: Outcome = { class: 'retry', code: 'aborted' };

/** References of one process whose rate limit was played; beyond this the oldest are forgotten and limited once more. */
const LIMITED_REFS = 10_000;

/** A vendor that never fails unless asked to: keeps what it takes and behaves by `SANDBOX_RECIPIENTS`. */
export class SandboxProvider implements ChannelProvider {
  readonly name = 'sandbox';
  readonly maxBatch = 200;
  // Every message shows, so that tests see a duplicate where there is one.
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly limitedRefs = new Set<string>();

  constructor(
    readonly channel: Channel,
    private readonly settings: SandboxSettings,
    private readonly store: SandboxStore,
  ) {}

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) => this.take(batch, scope));
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async take(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    if (signal.aborted) return batch.map(() => NOT_STARTED);
    const recipients = batch.map((delivery) => sandboxRecipientOf(this.channel, delivery.address));
    const outcomes = batch.map((delivery, i) => this.outcomeOf(delivery, recipients[i]));
    try {
      const waitMs = Math.max(this.settings.latencyMs, ...recipients.map((recipient) => recipient?.afterMs ?? 0));
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
      await this.keep(batch, recipients, outcomes);
    } catch (error) {
      if (signal.aborted) return batch.map(() => ABORTED);
      const words = vendorWords(error instanceof Error ? error.message : '');
      return batch.map(() => ({ class: 'retry', code: 'sandbox_store_failed', words }));
    }
    return outcomes;
  }

  private outcomeOf({ ref, attempt }: OutboundDelivery, recipient: SandboxRecipient | undefined): Outcome {
    const ok: Outcome = { class: 'ok', providerRef: ref };
    if (!recipient || recipient.outcome.class === 'ok') return ok;
    if (attempt > (recipient.untilAttempt ?? Infinity)) return ok;
    // A rate limit does not count as an attempt, so the number alone would limit it for ever.
    if (recipient.outcome.class === 'rate_limited' && this.wasLimited(ref)) return ok;
    return recipient.outcome;
  }

  private wasLimited(ref: string): boolean {
    if (this.limitedRefs.delete(ref)) return true;
    this.limitedRefs.add(ref);
    const [oldest] = this.limitedRefs;
    if (this.limitedRefs.size > LIMITED_REFS && oldest !== undefined) this.limitedRefs.delete(oldest);
    return false;
  }

  private async keep(
    batch: readonly OutboundDelivery[],
    recipients: readonly (SandboxRecipient | undefined)[],
    outcomes: readonly Outcome[],
  ): Promise<void> {
    const at = new Date();
    const isTaken = (i: number): boolean => ['ok', 'unknown_outcome'].includes(outcomes[i]?.class ?? '');
    const messages = batch
      .filter((_, i) => isTaken(i))
      .map(({ address, ref, content }) => ({ channel: this.channel, address, ref, content, at }));
    const receipts = batch.flatMap(({ ref }, i) =>
      isTaken(i) ? (recipients[i]?.receipts ?? []).map((receipt) => ({ ref, ...receipt })) : [],
    );
    if (messages.length > 0) await this.store.store(messages);
    if (receipts.length > 0) await this.store.scheduleReceipts(receipts);
  }
}
