import { Injectable } from '@nestjs/common';
import { RateWindowRepository } from '#entities';
import type { CallingApp } from '../intake/accept-message.command.js';

/** Calls per second of an app for which nothing else is set. */
const DEFAULT_RATE_PER_SECOND = 5000;
/** A replica takes this part of a window's limit at a time, so that the shared count is not a row update per call. */
const LEASED_PART = 16;
const MAX_SUBJECTS = 20_000;

interface Lease {
  left: number;
  /** By the monotonic clock. */
  endsAtMs: number;
  refilling: Promise<void> | undefined;
  /** The database said the window is used up. */
  isSpent: boolean;
}

/** Limits calls of a subject (an app, an app and IP, an IP) over all replicas together. */
@Injectable()
export class RateLimiter {
  private readonly leases = new Map<string, Lease>();

  constructor(private readonly windows: RateWindowRepository) {}

  /** One call of an app, whichever door it comes through: all of them together have its rate. Answers as `take` does. */
  takeOf({ appId, ratePerSecond }: CallingApp): Promise<number> {
    return this.take(`app:${appId}`, ratePerSecond ?? DEFAULT_RATE_PER_SECOND, 1);
  }

  /**
   * Takes one call of the subject's window. Answers 0 when it may go on, else the ms to wait.
   * A database that cannot be asked lets the call pass: it will fail or not on its own.
   */
  async take(subject: string, limit: number, windowS: number): Promise<number> {
    let lease = this.leases.get(subject);
    if (!lease || lease.endsAtMs <= performance.now()) {
      if (this.leases.size >= MAX_SUBJECTS) this.leases.clear();
      lease = { left: 0, endsAtMs: performance.now() + windowS * 1000, refilling: undefined, isSpent: false };
      this.leases.set(subject, lease);
    }
    const current = lease;
    while (current.left <= 0) {
      if (current.isSpent) return Math.max(1, current.endsAtMs - performance.now());
      current.refilling ??= this.refill(subject, current, limit, windowS).finally(
        () => (current.refilling = undefined),
      );
      await current.refilling;
    }
    current.left--;
    return 0;
  }

  private async refill(subject: string, lease: Lease, limit: number, windowS: number): Promise<void> {
    const wanted = Math.max(1, Math.floor(limit / LEASED_PART));
    try {
      const { granted, endsInMs } = await this.windows.lease(subject, limit, windowS, wanted);
      lease.left += granted;
      lease.endsAtMs = performance.now() + endsInMs;
      lease.isSpent = granted === 0;
    } catch {
      lease.left += wanted;
    }
  }
}
