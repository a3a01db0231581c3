import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { AppLogger, Metrics, failpoint } from '#platform';
import type { ChannelProvider, OutboundDelivery, Outcome } from '#providers';
import type { OpenAccount } from '../accounts/accounts.service.js';
import { EndOfCalls } from '../accounts/end-of-calls.service.js';
import { storableOutcome } from './storable-outcome.policy.js';

/** One provider call, measured. */
@Injectable()
export class CallProviderService {
  constructor(
    private readonly end: EndOfCalls,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /** Never throws; `outcomes[i]` belongs to `batch[i]`. */
  async call({ provider }: OpenAccount, batch: readonly OutboundDelivery[]): Promise<Outcome[]> {
    const { channel, name } = provider;
    const startedAt = performance.now();
    failpoint('worker.before-call');
    const outcomes = await this.callOnce(provider, batch);
    failpoint('worker.after-call');
    try {
      this.measure(provider, (performance.now() - startedAt) / 1000, outcomes);
    } catch (error) {
      // What is known by now must not be lost for it: the deliveries would be sent again.
      this.logger.error({ err: error, provider: name, channel }, 'provider call not counted');
    }
    return outcomes;
  }

  private measure({ channel, name }: ChannelProvider, seconds: number, outcomes: readonly Outcome[]): void {
    const classes = outcomes.map((outcome) => outcome.class);
    this.metrics.recordAttempt(channel, name, seconds, classes);
    const unknown = classes.filter((outcome) => outcome === 'unknown_outcome').length;
    if (unknown > 0) this.metrics.unknownOutcomes.inc({ channel, provider: name }, unknown);
  }

  /** Adapters answer every vendor failure; one that throws is a bug, and nobody knows what it had written. */
  private async callOnce(provider: ChannelProvider, batch: readonly OutboundDelivery[]): Promise<Outcome[]> {
    try {
      const outcomes = await provider.send(batch, this.end.signal);
      if (outcomes.length === batch.length) return Array.from(outcomes, storableOutcome); // a hole in the list, too
      throw new RangeError(`${outcomes.length} outcomes for ${batch.length} deliveries`);
    } catch (error) {
      this.logger.error({ err: error, provider: provider.name, channel: provider.channel }, 'provider adapter threw');
      return batch.map(() => ({ class: 'unknown_outcome', code: 'adapter_threw' }));
    }
  }
}
