import { Injectable } from '@nestjs/common';
import { RateWindowRepository } from '#entities';
import { sha256 } from '#platform';

/** Wrong secrets a subject may give per window before not even the right one is looked at. */
export const MAX_WRONG = 10;
const WINDOW_S = 60;
const MAX_SUBJECTS = 20_000;

/**
 * Slows down guessing, over all replicas together: each counts in the shared window, and the one that hears "used up"
 * stops looking. A replica learns of it with its own next failure, so N replicas grant at most N - 1 more tries.
 */
@Injectable()
export class WrongSecretThrottle {
  private readonly blockedUntil = new Map<string, number>();

  constructor(private readonly windows: RateWindowRepository) {}

  /** Ms until the subject may try again; 0 = now. Ask before looking at the secret. */
  waitMs(subject: string): number {
    const key = keyOf(subject);
    const left = (this.blockedUntil.get(key) ?? 0) - performance.now();
    if (left > 0) return left;
    this.blockedUntil.delete(key);
    return 0;
  }

  /** Counts a wrong secret. A database that cannot be asked counts nothing: it could not have told right from wrong. */
  async failed(subject: string): Promise<void> {
    const key = keyOf(subject);
    const { granted, endsInMs } = await this.windows.lease(`wrong:${key}`, MAX_WRONG - 1, WINDOW_S, 1);
    if (granted > 0) return;
    if (this.blockedUntil.size >= MAX_SUBJECTS) this.blockedUntil.clear();
    this.blockedUntil.set(key, performance.now() + endsInMs);
  }
}

/** Subjects hold what a stranger typed: of bounded length only as a digest. */
const keyOf = (subject: string): string => sha256(subject).toString('base64url');
