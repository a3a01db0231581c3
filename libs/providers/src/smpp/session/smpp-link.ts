import { jitterMs, withDeadline } from '#platform';
import { outcomeOfConnectError, outcomeOfLoss } from '../../connection/connection-outcomes.js';
import { openSocket, type Endpoint } from '../../connection/open-socket.js';
import type { Outcome } from '../../port/channel-provider.port.js';
import { outcomeOfBindRefusal } from '../smpp.outcomes.js';
import type { BindRequest } from '../wire/pdu.js';
import { SmppSession, type SessionOptions, type TakeMessage } from './smpp-session.js';

export interface LinkOptions extends SessionOptions {
  endpoint: Endpoint;
  bind: BindRequest;
  connectTimeoutMs: number;
  /** Wait after the first failure, ms; doubles up to `longestPauseMs`. */
  firstPauseMs: number;
  longestPauseMs: number;
}

/** A session this old was a good one: its loss is followed by a new one at once. */
const STEADY_MS = 10_000;
const PAUSE_SPREAD = 0.2;

/** Keeps one session open for as long as the account is in use, and opens the next when it is lost. */
export class SmppLink {
  /** The session, or what everything that needs one is told meanwhile. */
  private state: Promise<SmppSession | Outcome>;
  private failures = 0;
  private refusedBinds = 0;
  private readonly ending = new AbortController();
  private pause: NodeJS.Timeout | undefined;

  /** Connects at once. */
  constructor(
    private readonly options: LinkOptions,
    private readonly takeMessage: TakeMessage,
  ) {
    this.state = this.open();
  }

  /** The session, awaited while it is being opened; while there is none and a new try is not yet due, or at an abort, why. */
  session(signal: AbortSignal): Promise<SmppSession | Outcome> {
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
    if (session instanceof SmppSession) await session.close();
  }

  private async open(): Promise<SmppSession | Outcome> {
    const opened = await this.connect();
    if (opened instanceof SmppSession) this.follow(opened);
    else this.tryAgain(++this.failures);
    return opened;
  }

  private async connect(): Promise<SmppSession | Outcome> {
    const { endpoint, bind, connectTimeoutMs } = this.options;
    let session: SmppSession;
    try {
      const deadline = withDeadline(this.ending.signal, connectTimeoutMs);
      session = new SmppSession(await openSocket(endpoint, deadline), this.options, this.takeMessage);
    } catch (error) {
      return outcomeOfConnectError(error as Error, [bind.password]);
    }
    const leave = (): void => session.drop();
    this.ending.signal.addEventListener('abort', leave, { once: true });
    const answer = await session.bind(bind);
    this.ending.signal.removeEventListener('abort', leave);
    if (answer.isAnswered && answer.status === 0) {
      this.refusedBinds = 0;
      return session;
    }
    session.drop();
    // What was written is the bind: no message went out with it.
    if (!answer.isAnswered) return outcomeOfLoss(false, answer.code);
    return outcomeOfBindRefusal(answer.status, ++this.refusedBinds);
  }

  private follow(session: SmppSession): void {
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
    const pauseMs = Math.min(this.options.firstPauseMs * 2 ** (failures - 1), this.options.longestPauseMs);
    this.pause = setTimeout(() => (this.state = this.open()), jitterMs(pauseMs, PAUSE_SPREAD));
  }
}
