import { isToDevice, stepOf } from '#contracts';
import type {
  AttemptRecord,
  ClaimedWork,
  DeadAddress,
  DueDelivery,
  FinishedDelivery,
  NewStatusQuery,
  NextWork,
  ProviderRef,
  SentNumber,
  SettledOutcome,
} from '#entities';
import type { Outcome } from '#providers';
import type { OpenAccount } from '../accounts/accounts.service.js';
import type { Decision, DeliveryContext } from './decide.policy.js';
import type { DoneDelivery } from './done-delivery.js';
import { dueInMs, type WaitTime } from './due-in.policy.js';
import { waitsForAccount } from './waits-for-account.policy.js';

/*
 * Done for every delivery that leaves: objects are written field by field here. Copying by spread takes several times as
 * long, and was a sixth of what a large send costs this process.
 */

export interface Decided {
  delivery: DueDelivery;
  work: ClaimedWork;
  outcome: Outcome;
  account: OpenAccount | null;
  startedAt: number;
  /** ISO time, one for all of a batch. */
  finishedAt: string;
  isUntried: true | undefined;
  deadTokens: DeadAddress[] | undefined;
  decision: Decision;
}

type WorkAfter = NextWork & { workId: number };

/** A provider is asked about a send no longer than this. */
const ASK_FOR_MS = 24 * 3_600_000;

export const keyOf = ({ message_id, seq }: DueDelivery): { messageId: string; seq: number } => ({
  messageId: message_id,
  seq,
});
export const idOf = ({ message_id, seq }: Pick<DueDelivery, 'message_id' | 'seq'>): string => `${message_id}/${seq}`;

export function contextOf(
  item: Extract<DoneDelivery, { outcome: Outcome }>,
  work: ClaimedWork,
  nowMs: number,
): DeliveryContext {
  // People outside the directory and devices have no chain: their step is not one of the plan's.
  const isBesidePlan = item.delivery.recipient === '' || isToDevice(item.delivery.seq);
  const mode = isBesidePlan ? 'list' : item.message.mode;
  const isOnce = item.message.is_once;
  const { successWhen, withinS } = item.message.success[stepOf(item.delivery.seq)] ?? {};
  const receiptWithinS = !isOnce && item.hasOtherAccount ? item.account?.receiptWithinS : undefined;
  return {
    mode,
    triesBefore: work.attempts,
    elapsedMs: nowMs - work.started_ms,
    isIdempotent: item.account?.provider.isIdempotent ?? true,
    proof: mode === 'smart' && successWhen ? { successWhen, withinS: withinS ?? 60 } : undefined,
    receiptWithinS: receiptWithinS || undefined,
    hasOtherAccount: item.hasOtherAccount ?? false,
    isUntried: item.isUntried ?? false,
    isOnce,
  };
}

let lastTime = { ms: 0, iso: new Date(0).toISOString() };

/** Those of a batch begin together. */
function isoTime(ms: number): string {
  if (lastTime.ms !== ms) lastTime = { ms, iso: new Date(ms).toISOString() };
  return lastTime.iso;
}

export function attemptOf({ delivery, work, outcome, account, startedAt, finishedAt }: Decided): AttemptRecord {
  return {
    messageId: delivery.message_id,
    seq: delivery.seq,
    attempt: delivery.attempts + 1,
    startedAt: isoTime(startedAt),
    finishedAt,
    provider: account?.provider.name ?? '',
    account: account?.id ?? '',
    outcome: outcome.class,
    code: outcome.code,
    words: outcome.words,
    isPossibleDuplicate: work.claims > 1 || work.avoid !== null,
  };
}

export function outcomeOf(
  { delivery, outcome, account, decision, isUntried }: Decided,
  started: ReadonlyMap<string, number>,
): SettledOutcome {
  const isSettled = decision.kind === 'settle';
  const opened = isSettled || started.size === 0 ? undefined : started.get(idOf(delivery));
  const isGoingOn = opened === undefined && (decision.kind === 'retry' || decision.kind === 'ask');
  const isOpen = isSettled ? decision.awaitProofMs !== null : isGoingOn;
  return {
    messageId: delivery.message_id,
    seq: delivery.seq,
    status: isGoingOn ? 'retrying' : 'status' in decision ? decision.status : 'failed',
    isOpen,
    isReported: opened === undefined && !isGoingOn,
    opened,
    attempts: isUntried ? 0 : 1,
    provider: account?.provider.name ?? null,
    errorCode: isSettled ? null : (outcome.code ?? (isGoingOn ? null : outcome.class)),
    errorText: isSettled ? null : (outcome.words ?? null),
  };
}

export const providerRefOf = ({ delivery, outcome, account }: Decided): ProviderRef | undefined =>
  account && outcome.providerRef !== undefined
    ? { account: account.id, providerId: outcome.providerRef, messageId: delivery.message_id, seq: delivery.seq }
    : undefined;

/** An SMS that went out: an answer to its number means it. */
export const sentNumberOf = ({ delivery, work, decision, startedAt }: Decided): SentNumber | undefined =>
  work.channel === 'sms' && decision.kind === 'settle'
    ? { address: delivery.address, messageId: delivery.message_id, seq: delivery.seq, sentAt: isoTime(startedAt) }
    : undefined;

/** References to ask about: results that come later, and sends of which nobody knows the end. */
export function statusQueriesOf(items: readonly Decided[], nowMs: number): NewStatusQuery[] {
  const queries = new Map<string, NewStatusQuery>();
  for (const { delivery, work, decision, outcome, account } of items) {
    if (!account || !outcome.ask || (decision.kind !== 'settle' && decision.kind !== 'ask')) continue;
    const { ref, afterMs } = outcome.ask;
    const kind = decision.kind === 'ask' ? 'unknown' : 'result';
    const key = `${account.id} ${delivery.message_id} ${ref}`;
    const query = queries.get(key) ?? {
      channel: work.channel,
      account: account.id,
      ref,
      messageId: delivery.message_id,
      seqs: [],
      kind,
      dueInMs: afterMs,
      expiresAt: askUntil(kind, work, nowMs),
      ...(kind === 'unknown' ? { work: nextTry(work, delivery) } : {}),
    };
    query.seqs.push(delivery.seq);
    queries.set(key, query);
  }
  return [...queries.values()];
}

/** An unknown end is awaited no longer than the delivery itself may take. */
function askUntil(kind: NewStatusQuery['kind'], work: ClaimedWork, nowMs: number): Date {
  const until = nowMs + ASK_FOR_MS;
  return new Date(kind === 'unknown' && work.expires_at ? Math.min(until, work.expires_at.getTime()) : until);
}

/** The provider says that this address will never work; of a person's devices it may be some of them. */
export const deadAddressOf = ({ delivery, work, outcome, account, deadTokens }: Decided): readonly DeadAddress[] => {
  if (work.channel === 'push') return deadTokens ?? NONE;
  return account && outcome.class === 'bad_recipient' && !outcome.isAddressKept
    ? [
        {
          channel: work.channel,
          account: delivery.account ?? '',
          address: delivery.address,
          reason: outcome.code ?? outcome.class,
        },
      ]
    : NONE;
};

const NONE: readonly DeadAddress[] = [];

/** Calls for deliveries that went out before: sent again, no status moves that could count them. */
export const callAgainOf = ({
  delivery,
  work,
  account,
  isUntried,
}: Decided): { messageId: string; seq: number; provider: string }[] =>
  work.avoid && account && !isUntried ? [{ ...keyOf(delivery), provider: account.provider.name }] : [];

/** The try that follows where the provider never took the one before. */
const nextTry = (work: ClaimedWork, { seq }: DueDelivery): NextWork => ({
  ...carriedOn(work),
  kind: 'deliver',
  seqs: [seq],
  dueInMs: 0,
  attempts: work.attempts + 1,
});

/** What ended before any call. */
export const endedOutcomes = (done: readonly DoneDelivery[]): FinishedDelivery[] =>
  done.flatMap((item) => {
    if (!('ending' in item) || item.ending === 'put-back') return [];
    const { delivery, ending } = item;
    const errorCode = ending === 'skipped' ? 'todo_done' : ending;
    const status = ending === 'replaced' ? 'skipped' : ending;
    const outcome = { ...keyOf(delivery), status, isOpen: false, isReported: true, errorCode };
    return [{ workId: delivery.work_id, outcome }];
  });

/** What was not tried keeps its place, nothing counted. Deliveries of one piece of work that wait equally long stay together. */
export function untried(done: readonly DoneDelivery[], claimed: readonly ClaimedWork[]): WorkAfter[] {
  const workOf = new Map(claimed.map((work) => [work.id, work]));
  const next = new Map<string, WorkAfter>();
  for (const item of done) {
    const work = workOf.get(item.delivery.work_id);
    if (!work || !('ending' in item) || item.ending !== 'put-back') continue;
    const key = `${work.id}/${item.delayMs}/${item.waitsForAccount}`;
    const row = next.get(key) ?? {
      ...carriedOn(work),
      kind: 'deliver' as const,
      seqs: [],
      dueInMs: item.delayMs,
      attempts: work.attempts,
      waitsForAccount: item.waitsForAccount ?? false,
    };
    row.seqs.push(item.delivery.seq);
    next.set(key, row);
  }
  return [...next.values()];
}

/** What a piece of work hands on to the one that follows it. */
const carriedOn = (work: ClaimedWork): Omit<WorkAfter, 'kind' | 'seqs' | 'dueInMs' | 'attempts'> => ({
  workId: work.id,
  messageId: work.message_id,
  appId: work.app_id,
  channel: work.channel,
  priority: work.priority,
  startedMs: work.started_ms,
  expiresAt: work.expires_at,
  avoid: work.avoid,
});

/** Deliveries of one piece of work that wait equally long stay together. */
export function nextWork(items: readonly Decided[], started: ReadonlyMap<string, number>): WorkAfter[] {
  const next = new Map<string, WorkAfter>();
  for (const item of items) {
    const wait = waitOf(item, started.size > 0 && started.has(idOf(item.delivery)));
    if (!wait) continue;
    const { delivery, work } = item;
    const key = `${work.id}/${JSON.stringify(wait)}`;
    const row = next.get(key) ?? {
      ...carriedOn(work),
      kind: wait.kind,
      seqs: [],
      dueInMs: dueInMs(wait),
      attempts: work.attempts + wait.attempts,
      waitsForAccount: wait.waitsForAccount ?? false,
      ...(wait.avoid ? { avoid: wait.avoid } : {}),
    };
    row.seqs.push(delivery.seq);
    next.set(key, row);
  }
  return [...next.values()];
}

interface WaitAfter extends WaitTime {
  kind: NextWork['kind'];
  attempts: number;
  avoid?: string[];
  waitsForAccount?: boolean;
}

function waitOf({ decision, outcome, work, account, isUntried }: Decided, hasFallback: boolean): WaitAfter | null {
  const notBeforeMs = outcome.retryAfterMs ?? 0;
  if (decision.kind === 'settle') {
    const wait = { notBeforeMs, isExact: true, attempts: 0 };
    if (decision.awaitProofMs !== null) return { ...wait, kind: 'proof', delayMs: decision.awaitProofMs };
    if (decision.awaitReceiptMs === null || !account) return null;
    const avoid = [...(work.avoid ?? []), account.id];
    return { ...wait, kind: 'receipt', delayMs: decision.awaitReceiptMs, avoid };
  }
  if (decision.kind !== 'retry' || hasFallback) return null;
  return {
    kind: 'deliver',
    delayMs: decision.delayMs,
    notBeforeMs,
    isExact: isUntried ?? false,
    attempts: decision.isCounted ? 1 : 0,
    waitsForAccount: waitsForAccount(outcome),
  };
}
