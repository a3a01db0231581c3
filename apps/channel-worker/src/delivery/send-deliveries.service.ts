import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import { DeliveryWorkRepository } from '#entities';
import { AppLogger } from '#platform';
import type { Outcome } from '#providers';
import { wait, type Wait } from '../accounts/account-admission.policy.js';
import { isUnbegun } from '../accounts/account-verdict.policy.js';
import { AccountHealth } from '../accounts/account-health.service.js';
import type { Candidate, OpenAccount } from '../accounts/accounts.service.js';
import { Allowances } from '../accounts/allowance.service.js';
import { EndOfCalls } from '../accounts/end-of-calls.service.js';
import { Pacing } from '../accounts/pacing.service.js';
import { CallProviderService } from './call-provider.service.js';
import type { DoneDelivery } from './done-delivery.js';
import type { Lease } from './lease.js';
import type { Outgoing } from './outgoing.js';
import { putBack, putOff } from './put-off.policy.js';

/** Deliveries that may take the same accounts, in the order in which to ask these. */
export interface Route {
  candidates: readonly Candidate[];
  outgoing: readonly Outgoing[];
}

/** An account that may be called now; `isProbe`: with one delivery, to see whether it works again. */
interface Turn {
  candidate: Candidate;
  isProbe: boolean;
}

/** A batch waits for the pace of its account this long; then it makes room for batches of other accounts. */
const PACE_PATIENCE_MS = 5_000;
const PACE_AGAIN_MS = 1_000;
const PACE_SPREAD_MS = 2_000;
/** What could not be looked at (the database) is due again after this. */
const FAILED_AGAIN_MS = 10_000;

/** Deliveries → accounts that may be called → provider calls, as health, quotas and pace of the accounts allow. */
@Injectable()
export class SendDeliveriesService {
  constructor(
    private readonly health: AccountHealth,
    private readonly allowances: Allowances,
    private readonly pacing: Pacing,
    private readonly calls: CallProviderService,
    private readonly end: EndOfCalls,
    private readonly deliveries: DeliveryWorkRepository,
    private readonly logger: AppLogger,
  ) {}

  /** Never throws: what was sent is answered with its outcome, whatever happens to the rest. */
  async send({ candidates, outgoing }: Route, lease: Lease): Promise<DoneDelivery[]> {
    const done: DoneDelivery[] = [];
    const deadline = performance.now() + PACE_PATIENCE_MS;
    let rest: readonly Outgoing[] = outgoing;
    try {
      while (rest.length > 0) {
        if (this.end.hasCome) {
          done.push(...putBack(rest, 0, 0));
          break;
        }
        if (rest.length < outgoing.length) rest = await this.withoutCancelled(rest, done);
        if (rest.length === 0) break;
        const turn = await this.turnOf(candidates);
        if ('ms' in turn) {
          done.push(...putOff(rest, turn));
          break;
        }
        const hasOther = candidates.length > 1;
        const account = this.open(turn.candidate);
        rest =
          'class' in account
            ? await this.refuse(turn, account, rest, hasOther, done)
            : await this.sendSome(account, turn.isProbe, rest, hasOther, deadline, lease, done);
      }
    } catch (error) {
      this.logger.error({ err: error }, 'deliveries not sent, due again');
      const through = new Set(done.map(({ delivery }) => delivery));
      const left = outgoing.filter(({ delivery }) => !through.has(delivery));
      done.push(...putBack(left, FAILED_AGAIN_MS, PACE_SPREAD_MS));
    }
    return done;
  }

  /** The first account in order that may be called, or how long to wait for one. */
  private async turnOf(candidates: readonly Candidate[]): Promise<Turn | Wait> {
    const waits: Wait[] = [];
    for (const candidate of candidates) {
      const admission = await this.health.admit(candidate);
      if (admission.kind !== 'wait') return { candidate, isProbe: admission.kind === 'probe' };
      waits.push(admission);
    }
    // Where one of them only needs time, waiting for it is what there is to do.
    const hopeful = waits.filter(({ isStopped }) => !isStopped);
    return (hopeful.length > 0 ? hopeful : waits).reduce((first, other) => (other.ms < first.ms ? other : first));
  }

  /** The account, or the outcome of every delivery where it cannot be used until an administrator acts. */
  private open(candidate: Candidate): OpenAccount | Outcome {
    try {
      return candidate.open();
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'permanent') throw error;
      this.logger.error({ err: error, account: candidate.id }, 'provider account cannot be used');
      return { class: 'bad_config', code: error.code, words: error.message };
    }
  }

  /** Nobody can be called through this account. Answers what is left. */
  private async refuse(
    { candidate, isProbe }: Turn,
    outcome: Outcome,
    rest: readonly Outgoing[],
    hasOther: boolean,
    done: DoneDelivery[],
  ): Promise<readonly Outgoing[]> {
    await this.health.report(candidate, [outcome], isProbe);
    const tried = isProbe ? rest.slice(0, 1) : rest;
    done.push(...tried.map((item) => doneOf(item, null, outcome, Date.now(), hasOther)));
    return rest.slice(tried.length);
  }

  /** As many as the account takes now. Answers what is left. */
  private async sendSome(
    account: OpenAccount,
    isProbe: boolean,
    rest: readonly Outgoing[],
    hasOther: boolean,
    deadline: number,
    lease: Lease,
    done: DoneDelivery[],
  ): Promise<readonly Outgoing[]> {
    const wanted = rest.slice(0, isProbe ? 1 : account.provider.maxBatch);
    const { now: allowed, later, left, isPaced } = await this.allowances.of(account, wanted, deadline);
    for (const [seconds, some] of bySeconds(later)) done.push(...putOff(some, recipientLimit(seconds * 1000), 0));
    const remaining = [...left, ...rest.slice(wanted.length)];
    if (isPaced) {
      done.push(
        ...(this.pacing.isEnding ? putBack(remaining, 0, 0) : putBack(remaining, PACE_AGAIN_MS, PACE_SPREAD_MS)),
      );
      return [];
    }
    const now = stillHeld(await this.withoutClosed(allowed, done), lease, done);
    if (now.length > 0) {
      const startedAt = Date.now();
      const outcomes = await this.calls.call(
        account,
        now.map(({ outbound }) => outbound),
      );
      now.forEach((item, at) => {
        const outcome = outcomes[at];
        if (outcome && isUnbegun(outcome)) done.push(...putBack([item], 0, 0));
        else if (outcome) done.push(doneOf(item, account, outcome, startedAt, hasOther));
      });
      await this.health.report(account, outcomes, isProbe);
    }
    return remaining;
  }

  /** The last look before the call: from here on a to-do that is closed comes too late for this delivery. */
  private async withoutClosed(now: readonly Outgoing[], done: DoneDelivery[]): Promise<readonly Outgoing[]> {
    const closed = await this.deliveries.ofClosedTodos(now);
    if (closed.size === 0) return now;
    for (const { delivery } of closed) done.push({ delivery, ending: 'skipped' });
    return now.filter((item) => !closed.has(item));
  }

  /** A long batch asks again before each further call. */
  private async withoutCancelled(rest: readonly Outgoing[], done: DoneDelivery[]): Promise<readonly Outgoing[]> {
    const cancelled = await this.deliveries.cancelledAmong([...new Set(rest.map(({ message }) => message.id))]);
    if (cancelled.size === 0) return rest;
    for (const { delivery } of rest)
      if (cancelled.has(delivery.message_id)) done.push({ delivery, ending: 'cancelled' });
    return rest.filter(({ delivery }) => !cancelled.has(delivery.message_id));
  }
}

/** Without what another worker may have by now. Where it turns out at the settling that nobody has, it is due again. */
function stillHeld(now: readonly Outgoing[], lease: Lease, done: DoneDelivery[]): readonly Outgoing[] {
  const isHeld = ({ delivery }: Outgoing): boolean => lease.holds(delivery.work_id);
  if (now.every(isHeld)) return now;
  done.push(
    ...putBack(
      now.filter((item) => !isHeld(item)),
      0,
      0,
    ),
  );
  return now.filter(isHeld);
}

const recipientLimit = (ms: number): Wait => ({
  ...wait(ms, 'recipient_limit', 'the recipient has had as many messages as the provider delivers in this time'),
  isOfRecipient: true,
});

/** Those that wait equally long stay together. */
function bySeconds(later: readonly { item: Outgoing; ms: number }[]): Map<number, Outgoing[]> {
  const groups = new Map<number, Outgoing[]>();
  for (const { item, ms } of later) {
    const seconds = Math.ceil(ms / 1000);
    groups.set(seconds, [...(groups.get(seconds) ?? []), item]);
  }
  return groups;
}

const doneOf = (
  { delivery, message, address }: Outgoing,
  account: OpenAccount | null,
  outcome: Outcome,
  startedAt: number,
  hasOther: boolean,
): DoneDelivery => ({
  delivery,
  message,
  account,
  outcome,
  startedAt,
  address,
  hasOtherAccount: hasOther ? true : undefined,
});
