import { Injectable } from '@nestjs/common';
import type { DeliveryStatus } from '#contracts';
import { stepOf } from '#contracts';
import {
  Database,
  DatabaseClock,
  DeliveryWorkRepository,
  FallbackRepository,
  SettleRepository,
  WorkRepository,
  type AttemptRecord,
  type ClaimedWork,
  type DueDelivery,
  type MessageForSending,
  type NextWork,
  type SettledOutcome,
} from '#entities';
import { AppLogger, jitterMs } from '#platform';
import type { Outcome } from '#providers';
import type { OpenAccount } from '../accounts/accounts.service.js';
import { decide, type Decision } from './decide.policy.js';

/** A delivery that is through: with a provider's outcome, or ended before any call. */
export type DoneDelivery =
  | { delivery: DueDelivery; ending: Extract<DeliveryStatus, 'cancelled' | 'expired'> }
  /** Not tried, due again at once. */
  | { delivery: DueDelivery; ending: 'put-back' }
  | {
      delivery: DueDelivery;
      message: MessageForSending;
      account: OpenAccount | null;
      outcome: Outcome;
      startedAt: number;
    };

interface Decided {
  delivery: DueDelivery;
  work: ClaimedWork;
  outcome: Outcome;
  account: OpenAccount | null;
  startedAt: number;
  decision: Decision;
}

const JITTER = 0.2;

/** Outcomes → ledger, statuses, fallbacks, retries and proofs, and the end of the work: one transaction. */
@Injectable()
export class SettleWorkService {
  constructor(
    private readonly database: Database,
    private readonly work: WorkRepository,
    private readonly deliveries: DeliveryWorkRepository,
    private readonly fallbacks: FallbackRepository,
    private readonly settlement: SettleRepository,
    private readonly clock: DatabaseClock,
    private readonly logger: AppLogger,
  ) {}

  async settle(token: string, claimed: readonly ClaimedWork[], done: readonly DoneDelivery[]): Promise<void> {
    const workOf = new Map(claimed.map((row) => [row.id, row]));
    const finishedAt = Date.now();
    const nowMs = this.clock.nowMs();
    const decided = done.flatMap((item): Decided[] => {
      const work = workOf.get(item.delivery.work_id);
      return work && 'outcome' in item
        ? [{ ...item, work, decision: decide(item.outcome, contextOf(item, work, nowMs)) }]
        : [];
    });
    const ended = done.flatMap((item) =>
      'ending' in item && item.ending !== 'put-back' ? [{ ...item, ending: item.ending }] : [],
    );
    const putBack = done.flatMap((item) => ('ending' in item && item.ending === 'put-back' ? [item.delivery] : []));
    await this.database.plannedOnce(async (tx) => {
      const held = await this.work.finish(
        tx,
        token,
        claimed.map((row) => row.id),
      );
      if (held.size < claimed.length)
        this.logger.warn({ lost: claimed.length - held.size }, 'lease lost, another worker has the work');
      const ours = decided.filter((item) => held.has(item.work.id));
      await this.deliveries.recordAttempts(
        tx,
        decided.map((item) => attemptOf(item, finishedAt)),
      );
      const started = await this.startFallbacks(tx, ours);
      const outcomes: SettledOutcome[] = ended
        .filter((item) => held.has(item.delivery.work_id))
        .map(({ delivery, ending }) => ({
          ...keyOf(delivery),
          status: ending,
          isOpen: false,
          isReported: true,
          errorCode: ending,
        }));
      await this.settlement.settle(tx, [...outcomes, ...ours.map((item) => outcomeOf(item, started))]);
      await this.deliveries.rememberProviderRefs(tx, ours.flatMap(providerRefOf));
      const again = putBack.flatMap((delivery) => {
        const work = workOf.get(delivery.work_id);
        return work && held.has(work.id) ? [{ delivery, work }] : [];
      });
      await this.deliveries.scheduleNext(tx, [...nextWork(ours, started), ...untried(again)]);
    });
  }

  /** Answers the fallbacks that started: key → rows opened. */
  private async startFallbacks(
    tx: Parameters<FallbackRepository['start']>[0],
    items: readonly Decided[],
  ): Promise<Map<string, number>> {
    const wanted = items.filter(({ decision }) => decision.kind !== 'settle' && decision.mayFallBack);
    const started = await this.fallbacks.start(
      tx,
      wanted.map(({ delivery }) => keyOf(delivery)),
      'failed',
    );
    return new Map(started.map((row) => [`${row.message_id}/${row.seq}`, row.is_open ? 1 : 0]));
  }
}

const keyOf = ({ message_id, seq }: DueDelivery): { messageId: string; seq: number } => ({
  messageId: message_id,
  seq,
});
const idOf = ({ message_id, seq }: DueDelivery): string => `${message_id}/${seq}`;

function contextOf(
  item: Extract<DoneDelivery, { outcome: Outcome }>,
  work: ClaimedWork,
  nowMs: number,
): Parameters<typeof decide>[1] {
  // People outside the directory have no chain: their step is not one of the plan's.
  const mode = item.delivery.recipient === '' ? 'list' : item.message.mode;
  const { successWhen, withinS } = item.message.success[stepOf(item.delivery.seq)] ?? {};
  return {
    mode,
    triesBefore: work.attempts,
    elapsedMs: nowMs - work.started_ms,
    isIdempotent: item.account?.provider.isIdempotent ?? true,
    ...(mode === 'smart' && successWhen ? { proof: { successWhen, withinS: withinS ?? 60 } } : {}),
  };
}

function attemptOf({ delivery, work, outcome, account, startedAt }: Decided, finishedAt: number): AttemptRecord {
  return {
    ...keyOf(delivery),
    attempt: delivery.attempts + 1,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    provider: account?.provider.name ?? '',
    account: account?.id ?? '',
    outcome: outcome.class,
    ...(outcome.code === undefined ? {} : { code: outcome.code }),
    ...(outcome.words === undefined ? {} : { words: outcome.words }),
    isPossibleDuplicate: work.claims > 1,
  };
}

function outcomeOf(
  { delivery, outcome, account, decision }: Decided,
  started: ReadonlyMap<string, number>,
): SettledOutcome {
  const opened = started.get(idOf(delivery));
  const common = {
    ...keyOf(delivery),
    attempts: 1,
    provider: account?.provider.name ?? null,
    errorCode: outcome.code ?? null,
    errorText: outcome.words ?? null,
  };
  if (decision.kind === 'settle') {
    return {
      ...common,
      status: decision.status,
      isOpen: decision.awaitProofMs !== null,
      isReported: true,
      errorCode: null,
      errorText: null,
    };
  }
  if (opened !== undefined) {
    const status = decision.kind === 'settle-failed' ? decision.status : 'failed';
    return { ...common, status, isOpen: false, isReported: false, opened, errorCode: outcome.code ?? outcome.class };
  }
  if (decision.kind === 'retry') return { ...common, status: 'retrying', isOpen: true, isReported: false };
  return {
    ...common,
    status: decision.status,
    isOpen: false,
    isReported: true,
    errorCode: outcome.code ?? outcome.class,
  };
}

const providerRefOf = ({
  delivery,
  outcome,
  account,
}: Decided): { account: string; providerId: string; messageId: string; seq: number }[] =>
  account && outcome.providerRef !== undefined
    ? [{ account: account.id, providerId: outcome.providerRef, ...keyOf(delivery) }]
    : [];

/** What was not tried keeps its place: due at once, nothing counted. */
function untried(items: readonly { delivery: DueDelivery; work: ClaimedWork }[]): NextWork[] {
  const works = new Map(items.map(({ work }) => [work.id, work]));
  return [...works.values()].map((work) => ({
    ...carriedOn(work),
    kind: 'deliver' as const,
    seqs: items.flatMap((item) => (item.work.id === work.id ? [item.delivery.seq] : [])),
    dueInMs: 0,
    attempts: work.attempts,
  }));
}

/** What a piece of work hands on to the one that follows it. */
const carriedOn = (work: ClaimedWork): Omit<NextWork, 'kind' | 'seqs' | 'dueInMs' | 'attempts'> => ({
  messageId: work.message_id,
  appId: work.app_id,
  channel: work.channel,
  priority: work.priority,
  startedMs: work.started_ms,
  expiresAt: work.expires_at,
});

/** Deliveries of one piece of work that wait equally long stay together. */
function nextWork(items: readonly Decided[], started: ReadonlyMap<string, number>): NextWork[] {
  const next = new Map<string, NextWork>();
  for (const { delivery, work, decision, outcome } of items) {
    const wait = waitOf(decision, started.has(idOf(delivery)));
    if (!wait) continue;
    const key = `${work.id}/${wait.kind}/${wait.delayMs}/${wait.attempts}/${outcome.retryAfterMs ?? 0}`;
    const row = next.get(key) ?? {
      ...carriedOn(work),
      kind: wait.kind,
      seqs: [],
      dueInMs:
        wait.kind === 'proof' ? wait.delayMs : Math.max(jitterMs(wait.delayMs, JITTER), outcome.retryAfterMs ?? 0),
      attempts: work.attempts + wait.attempts,
    };
    row.seqs.push(delivery.seq);
    next.set(key, row);
  }
  return [...next.values()];
}

function waitOf(
  decision: Decision,
  hasFallback: boolean,
): { kind: 'deliver' | 'proof'; delayMs: number; attempts: number } | null {
  if (decision.kind === 'settle' && decision.awaitProofMs !== null)
    return { kind: 'proof', delayMs: decision.awaitProofMs, attempts: 0 };
  if (decision.kind === 'retry' && !hasFallback)
    return { kind: 'deliver', delayMs: decision.delayMs, attempts: decision.isCounted ? 1 : 0 };
  return null;
}
