import { Injectable } from '@nestjs/common';
import { RateWindowRepository } from '#entities';
import type { AccountTerms } from './accounts.service.js';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** Days of vendors and their contracts begin at midnight in China. */
const CHINA_OFFSET_S = 8 * HOUR_S;

/** Deliveries that the account may still take, or when it may take the next one. */
export type QuotaAnswer = { granted: number } | { reopensInMs: number; reason: 'quota_hour' | 'quota_day' };

/** Keeps an account within its deliveries an hour and a day, over all replicas together. */
@Injectable()
export class Quotas {
  constructor(private readonly windows: RateWindowRepository) {}

  async take({ id, quotaPerHour, quotaPerDay }: AccountTerms, wanted: number): Promise<QuotaAnswer> {
    let granted = wanted;
    const quotas = [
      // The shorter first: what the hour does not cover is not taken from the day.
      { limit: quotaPerHour, windowS: HOUR_S, reason: 'quota_hour' },
      { limit: quotaPerDay, windowS: DAY_S, reason: 'quota_day' },
    ] as const;
    for (const { limit, windowS, reason } of quotas) {
      if (limit === null) continue;
      const lease = await this.windows.lease(`${reason}:${id}`, limit, windowS, granted, CHINA_OFFSET_S);
      if (lease.granted === 0) return { reopensInMs: lease.endsInMs, reason };
      granted = lease.granted;
    }
    return { granted };
  }
}
