import { Injectable } from '@nestjs/common';
import { AccountHealth } from './account-health.service.js';
import type { OpenAccount } from './accounts.service.js';
import { Pacing } from './pacing.service.js';
import { Quotas } from './quotas.service.js';
import { RecipientPacing } from './recipient-pacing.service.js';

/** What of a batch may go through an account, and when. Every item stands in exactly one of the lists. */
export interface Allowance<T> {
  now: T[];
  /** The recipient has had enough for a while. */
  later: { item: T; ms: number }[];
  /** The account has had enough: out of quota (it is parked then) or of its pace. */
  left: T[];
  /** Not one may go before the deadline, for the pace of the account. */
  isPaced: boolean;
}

/** The limits of an account and of its recipients, in one place. */
@Injectable()
export class Allowances {
  constructor(
    private readonly health: AccountHealth,
    private readonly quotas: Quotas,
    private readonly pacing: Pacing,
    private readonly recipients: RecipientPacing,
  ) {}

  /** @param deadline until when the pace of the account is waited for, on the clock of `performance.now()` */
  async of<T extends { address: string }>(
    account: OpenAccount,
    items: readonly T[],
    deadline: number,
  ): Promise<Allowance<T>> {
    const addresses = items.map(({ address }) => address);
    const waits = await this.recipients.take(account, addresses);
    const ready = items.filter((_, at) => waits[at] === 0);
    const later = items.flatMap((item, at) => ((waits[at] ?? 0) > 0 ? [{ item, ms: waits[at] ?? 0 }] : []));
    if (ready.length === 0) return { now: [], later, left: [], isPaced: false };
    const quota = await this.quotas.take(account, ready.length);
    const covered = 'granted' in quota ? quota.granted : 0;
    if (!('granted' in quota)) await this.health.park(account, quota.reopensInMs, quota.reason);
    const size = covered > 0 ? await this.pacing.take(account, covered, deadline) : 0;
    const left = ready.slice(size);
    const unsent = left.map(({ address }) => address);
    await this.recipients.putBack(account, unsent);
    return { now: ready.slice(0, size), later, left, isPaced: covered > 0 && size === 0 };
  }
}
