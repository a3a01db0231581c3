import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { DeliveryStatus } from '#contracts';
import {
  AddressHygieneRepository,
  Database,
  DatabaseClock,
  FallbackRepository,
  FinishWorkRepository,
  SettleRepository,
  StatusQueryRepository,
  UnansweredRepository,
  isDatabaseAway,
  isVictim,
  type ClaimedWork,
  type FinishedBatch,
} from '#entities';
import { Batcher } from '#messaging';
import { AppLogger } from '#platform';
import { decide } from './decide.policy.js';
import type { DoneDelivery } from './done-delivery.js';
import {
  attemptOf,
  callAgainOf,
  contextOf,
  deadAddressOf,
  endedOutcomes,
  idOf,
  keyOf,
  nextWork,
  outcomeOf,
  providerRefOf,
  sentNumberOf,
  statusQueriesOf,
  untried,
  type Decided,
} from './finished-work.mapper.js';

/** Batches of one statement. */
const BATCHES_AT_A_TIME = 16;

/** What a provider was called for is told to a database that does not answer for so long: nobody else can take the work meanwhile. */
const PATIENCE_MS = 600_000;
/** Short: once the database is back, this has to be there before the work is handed to another worker. */
const AGAIN_MS = 250;

interface Finished {
  batch: FinishedBatch;
  decided: readonly Decided[];
}

/**
 * Outcomes → ledger, statuses, fallbacks, retries and proofs, and the end of the work: one transaction. What ends at the
 * same time ends in one statement; a batch of which more follows (another channel's turn, a dead address …) has a transaction of
 * its own.
 */
@Injectable()
export class SettleWorkService {
  private readonly together = new Batcher<FinishedBatch, Set<number>>({
    maxBatch: BATCHES_AT_A_TIME,
    flush: async (batches) => {
      const results = await this.finished.finish(batches);
      return results.map((result) => (result instanceof Error ? { error: result } : { value: result }));
    },
  });

  constructor(
    private readonly database: Database,
    private readonly finished: FinishWorkRepository,
    private readonly fallbacks: FallbackRepository,
    private readonly settlement: SettleRepository,
    private readonly queries: StatusQueryRepository,
    private readonly unanswered: UnansweredRepository,
    private readonly hygiene: AddressHygieneRepository,
    private readonly clock: DatabaseClock,
    private readonly logger: AppLogger,
  ) {}

  async settle(leaseToken: string, claimed: readonly ClaimedWork[], done: readonly DoneDelivery[]): Promise<void> {
    const workOf = new Map(claimed.map((row) => [row.id, row]));
    const finishedAt = new Date().toISOString();
    const nowMs = this.clock.nowMs();
    const decided: Decided[] = [];
    for (const item of done) {
      const work = workOf.get(item.delivery.work_id);
      if (!work || !('outcome' in item)) continue;
      const { delivery, outcome, account, startedAt, isUntried, deadTokens } = item;
      const decision = decide(outcome, contextOf(item, work, nowMs));
      decided.push({ delivery, work, outcome, account, startedAt, finishedAt, isUntried, deadTokens, decision });
    }
    const batch = batchOf(leaseToken, claimed, decided, done, new Map());
    const finish = isOrdinary(claimed, decided, batch)
      ? () => this.together.add(batch)
      : () => this.finishAlone({ batch, decided }, claimed, done);
    const { held, isFirstTry } = await this.untilThrough(finish);
    // A later try finds nothing where an earlier one went through unheard.
    if (held.size < claimed.length && isFirstTry)
      this.logger.warn({ lost: claimed.length - held.size }, 'lease lost, another worker has the work');
  }

  /** To lose outcomes is to call for them again. Trying again is harmless: what is not held under its token any more does nothing. */
  private async untilThrough(
    finish: () => Promise<Set<number>>,
  ): Promise<{ held: ReadonlySet<number>; isFirstTry: boolean }> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let isFirstTry = true; ; isFirstTry = false) {
      try {
        return { held: await finish(), isFirstTry };
      } catch (error) {
        const mayPass = isDatabaseAway(error) || isVictim(error);
        if (!mayPass || this.database.isClosing || performance.now() > deadline) throw error;
        if (isFirstTry) this.logger.warn({ err: error }, 'outcomes not settled, kept and tried again');
        await sleep(AGAIN_MS);
      }
    }
  }

  /** With everything that may follow. What a fallback opens decides how its chain counts. */
  private finishAlone(
    { batch, decided }: Finished,
    claimed: readonly ClaimedWork[],
    done: readonly DoneDelivery[],
  ): Promise<Set<number>> {
    return this.database.plannedOnce(async (tx) => {
      const held = await this.finished.removeHeld(tx, batch);
      const ours = decided.filter((item) => held.has(item.work.id));
      await this.finished.recordAttempts(
        tx,
        batch.deliveries.flatMap(({ attempt }) => attempt ?? []),
      );
      const wanted = ours.filter(({ decision }) => decision.kind !== 'settle' && decision.mayFallBack);
      const started = await this.fallbacks.start(
        tx,
        wanted.map(({ delivery }) => keyOf(delivery)),
        'failed',
      );
      const opened = new Map(started.map((row) => [idOf(row), row.is_open ? 1 : 0]));
      const { deliveries, next } = batchOf(batch.leaseToken, claimed, decided, done, opened);
      const kept = deliveries.filter((delivery) => held.has(delivery.workId));
      await this.settlement.settle(
        tx,
        kept.flatMap(({ outcome }) => outcome ?? []),
      );
      await this.finished.rememberProviderRefs(
        tx,
        kept.flatMap(({ providerRef }) => providerRef ?? []),
      );
      await this.finished.rememberSentNumbers(
        tx,
        kept.flatMap(({ sentNumber }) => sentNumber ?? []),
      );
      await this.finished.scheduleNext(
        tx,
        next.filter((work) => held.has(work.workId)),
      );
      await this.queries.insert(tx, statusQueriesOf(ours, this.clock.nowMs()));
      await this.unanswered.countAgain(tx, ours.flatMap(callAgainOf));
      await this.hygiene.suspend(tx, ours.flatMap(deadAddressOf));
      return held;
    });
  }
}

/** Statuses that give an SMS budget back what a delivery took of it. */
const MAY_REFUND: ReadonlySet<DeliveryStatus> = new Set(['failed', 'expired', 'cancelled', 'suppressed', 'skipped']);

/** Nothing follows from it beside the ledger, the statuses and the next work. */
function isOrdinary(claimed: readonly ClaimedWork[], decided: readonly Decided[], batch: FinishedBatch): boolean {
  return !(
    decided.some(({ decision, outcome }) => (decision.kind !== 'settle' && decision.mayFallBack) || outcome.ask) ||
    decided.some((item) => deadAddressOf(item).length > 0) ||
    claimed.some((work) => work.avoid !== null) ||
    (claimed.some((work) => work.channel === 'sms') &&
      batch.deliveries.some(({ outcome }) => outcome && MAY_REFUND.has(outcome.status)))
  );
}

/** @param opened fallbacks that started: key → rows opened */
function batchOf(
  leaseToken: string,
  claimed: readonly ClaimedWork[],
  decided: readonly Decided[],
  done: readonly DoneDelivery[],
  opened: ReadonlyMap<string, number>,
): FinishedBatch {
  return {
    leaseToken,
    workIds: claimed.map((row) => row.id),
    deliveries: [
      ...endedOutcomes(done),
      ...decided.map((item) => ({
        workId: item.work.id,
        attempt: item.isUntried ? undefined : attemptOf(item),
        outcome: outcomeOf(item, opened),
        providerRef: providerRefOf(item),
        sentNumber: sentNumberOf(item),
      })),
    ],
    next: [...nextWork(decided, opened), ...untried(done, claimed)],
  };
}
