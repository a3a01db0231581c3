import { Injectable } from '@nestjs/common';
import { RateWindowRepository } from '#entities';
import { sha256 } from '#platform';

/** Wrong secrets a subject may give per window before not even the right one is looked at. */
export const MAX_WRONG = 10;
const WINDOW_S = 60;
const MAX_SUBJECTS = 20_000;

/** What a subject did in a window, as far as this replica knows. Times by the monotonic clock. */
interface Guesses {
  wrong: number;
  windowEndsAtMs: number;
  blockedUntilMs: number;
  /** Any of them may turn out wrong. */
  underWay: number;
  /** Attempts that wait for the outcome of one under way. */
  waiting: (() => void)[];
}

/**
 * Slows down guessing, over all replicas together: each counts in the shared window, and the one that hears "used up"
 * stops looking. A replica learns of it with its own next failure, and has no more attempts under way than may all be wrong:
 * N replicas grant at most N - 1 more tries to who comes one by one, and N times as many to who comes to all of them at once.
 */
@Injectable()
export class WrongSecretThrottle {
  private readonly guesses = new Map<string, Guesses>();

  constructor(private readonly windows: RateWindowRepository) {}

  /**
   * Looks at a secret, unless the subject has to wait first: then `waitMs`, and it is not looked at. Attempts beyond those that may
   * still be wrong are kept until it is known of others: however many right ones come at once, none is refused.
   */
  async attempt<T>(
    subject: string,
    look: () => Promise<T>,
    isWrong: (found: T) => boolean,
  ): Promise<{ found: T } | { waitMs: number }> {
    const key = keyOf(subject);
    const guesses = this.guessesOf(key);
    while (waitMsOf(guesses) === 0 && isFull(guesses)) await new Promise<void>((go) => guesses.waiting.push(go));
    const waitMs = waitMsOf(guesses);
    if (waitMs > 0) return { waitMs };
    guesses.underWay++;
    try {
      const found = await look();
      if (isWrong(found)) await this.count(key, guesses);
      return { found };
    } finally {
      guesses.underWay--;
      const isNeeded = guesses.wrong > 0 || guesses.underWay > 0 || guesses.waiting.length > 0;
      for (const go of guesses.waiting.splice(0)) go();
      if (!isNeeded) this.guesses.delete(key);
    }
  }

  private guessesOf(key: string): Guesses {
    let guesses = this.guesses.get(key);
    if (guesses) return guesses;
    if (this.guesses.size >= MAX_SUBJECTS) this.guesses.clear();
    guesses = { wrong: 0, windowEndsAtMs: 0, blockedUntilMs: 0, underWay: 0, waiting: [] };
    this.guesses.set(key, guesses);
    return guesses;
  }

  /** A database that cannot be asked counts nothing: it could not have told right from wrong. */
  private async count(key: string, guesses: Guesses): Promise<void> {
    const { granted, endsInMs } = await this.windows.lease(`wrong:${key}`, MAX_WRONG - 1, WINDOW_S, 1);
    const endsAtMs = performance.now() + endsInMs;
    guesses.wrong = guesses.windowEndsAtMs > performance.now() ? guesses.wrong + 1 : 1;
    guesses.windowEndsAtMs = endsAtMs;
    if (granted === 0) guesses.blockedUntilMs = endsAtMs;
  }
}

const waitMsOf = ({ blockedUntilMs }: Guesses): number => Math.max(0, blockedUntilMs - performance.now());

function isFull({ wrong, windowEndsAtMs, underWay }: Guesses): boolean {
  const wrongNow = windowEndsAtMs > performance.now() ? wrong : 0;
  return underWay > 0 && underWay + wrongNow >= MAX_WRONG;
}

/** Subjects hold what a stranger typed: of bounded length only as a digest. */
const keyOf = (subject: string): string => sha256(subject).toString('base64url');
