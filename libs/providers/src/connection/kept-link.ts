import { jitterMs } from '#platform';
import type { Outcome } from '../port/channel-provider.port.js';
import { outcomeOfLoss } from './connection-outcomes.js';

export interface LinkPauses {
  /** Wait after the first failure, ms; doubles up to `longestPauseMs`. */
  firstPauseMs: number;
  longestPauseMs: number;
}

/** A connection that is open: introduced, and let in. */
export interface LinkedSession {
  /** Resolves when it is over, with our word for why. */
  readonly ended: Promise<string>;
  close(): Promise<void> | void;
}

/** A session this old was a good one: its loss is followed by a new one at once. */
const STEADY_MS = 10_000;
const PAUSE_SPREAD = 0.2;

const isOutcome = (opened: LinkedSession | Outcome): opened is Outcome => 'class' in opened;

/** Keeps one session open for as long as the account is in use, and opens the next when it is lost. */
export class KeptLink<Session extends LinkedSession> {
  /** The session, or what everything that needs one is told meanwhile. */
  private state: Promise<Session | Outcome>;
  private failures = 0;
  private readonly ending = new AbortController();
  private pause: NodeJS.Timeout | undefined;

  /**
   * Connects at once.
   * @param connect opens a session, or tells why there is none; gives up when the signal fires
   */
  constructor(
    private readonly pauses: LinkPauses,
    private readonly connect: (ending: AbortSignal) => Promise<Session | Outcome>,
  ) {
    this.state = this.open();
  }

  /** The session, awaited while it is being opened; while there is none and a new try is not yet due, or at an abort, why. */
  session(signal: AbortSignal): Promise<Session | Outcome> {
    const aborted = new Promise<Outcome>((resolve) => {
      const abort = (): void => resolve(outcomeOfLoss(false, 'aborted'));
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
    return Promise.race([aborted, this.state]);
  }

  /** Ends in order; no session is opened any more. */
  async close(): Promise<void> {
    this.ending.abort(new Error('closed'));
    clearTimeout(this.pause);
    const session = await this.state;
    if (!isOutcome(session)) await session.close();
  }

  private async open(): Promise<Session | Outcome> {
    const opened = await this.connect(this.ending.signal);
    if (isOutcome(opened)) this.tryAgain(++this.failures);
    else this.follow(opened);
    return opened;
  }

  private follow(session: Session): void {
    const openedAt = performance.now();
    void session.ended.then((code) => {
      this.failures = performance.now() - openedAt < STEADY_MS ? this.failures + 1 : 0;
      this.state = Promise.resolve(outcomeOfLoss(false, code));
      this.tryAgain(this.failures);
    });
  }

  private tryAgain(failures: number): void {
    if (this.ending.signal.aborted) return;
    if (failures === 0) {
      this.state = this.open();
      return;
    }
    const pauseMs = Math.min(this.pauses.firstPauseMs * 2 ** (failures - 1), this.pauses.longestPauseMs);
    this.pause = setTimeout(() => (this.state = this.open()), jitterMs(pauseMs, PAUSE_SPREAD));
  }
}
