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
    const taken = await this.recipients.take(account, addresses);
    const { waits } = taken;
    const ready = items.filter((_, at) => waits[at] === 0);
    const later = items.flatMap((item, at) => ((waits[at] ?? 0) > 0 ? [{ item, ms: waits[at] ?? 0 }] : []));
    if (ready.length === 0) return { now: [], later, left: [], isPaced: false };
    // The pace first: of a quota, which is not given back, only what goes out at once is taken.
    const paced = await this.pacing.take(account, ready.length, deadline);
    const size = paced > 0 ? await this.takeQuota(account, paced) : 0;
    const left = ready.slice(size);
    await this.recipients.putBack(
      taken,
      left.map(({ address }) => address),
    );
    return { now: ready.slice(0, size), later, left, isPaced: paced === 0 };
  }

  /** How many the account's quota covers. One that is used up parks the account. */
  private async takeQuota(account: OpenAccount, wanted: number): Promise<number> {
    const quota = await this.quotas.take(account, wanted);
    if ('granted' in quota) return quota.granted;
    await this.health.park(account, quota.reopensInMs, quota.reason);
    return 0;
  }
}
