import { jitterMs, withDeadline } from '#platform';
import { outcomeOfConnectError, outcomeOfLoss } from '../../connection/connection-outcomes.js';
import { openSocket, type Endpoint } from '../../connection/open-socket.js';
import type { Outcome } from '../../port/channel-provider.port.js';
import { SUBSCRIPTION_REFUSED, outcomeOfConnectRefusal } from '../mqtt.outcomes.js';
import { MqttSession, type Identity, type SessionOptions, type TakeMessage } from './mqtt-session.js';

export interface LinkOptions extends Omit<SessionOptions, 'version'> {
  endpoint: Endpoint;
  identity: Identity;
  /** The versions to try, in this order; 4 is 3.1.1. */
  versions: readonly (4 | 5)[];
  /** Filters of what is to be heard; with none the connection only publishes. */
  topics: readonly string[];
  connectTimeoutMs: number;
  /** Wait after the first failure, ms; doubles up to `longestPauseMs`. */
  firstPauseMs: number;
  longestPauseMs: number;
}

/** A session this old was a good one: its loss is followed by a new one at once. */
const STEADY_MS = 10_000;
const PAUSE_SPREAD = 0.2;
/** "Not this version", as 3.1.1 and 5 say it. */
const WRONG_VERSION: ReadonlySet<number> = new Set([1, 0x84]);

/** Keeps one connection open for as long as the account is in use, and opens the next when it is lost. */
export class MqttLink {
  /** The connection, or what everything that needs one is told meanwhile. */
  private state: Promise<MqttSession | Outcome>;
  private version: 4 | 5;
  private failures = 0;
  private readonly ending = new AbortController();
  private pause: NodeJS.Timeout | undefined;

  /** Connects at once. */
  constructor(
    private readonly options: LinkOptions,
    private readonly takeMessage: TakeMessage,
  ) {
    this.version = options.versions[0] ?? 4;
    this.state = this.open();
  }

  /** The connection, awaited while it is being opened; while there is none and a new try is not yet due, or at an abort, why. */
  session(signal: AbortSignal): Promise<MqttSession | Outcome> {
    const aborted = new Promise<Outcome>((resolve) => {
      const abort = (): void => resolve(outcomeOfLoss(false, 'aborted'));
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
    return Promise.race([aborted, this.state]);
  }

  /** Ends in order; no connection is opened any more. */
  async close(): Promise<void> {
    this.ending.abort(new Error('closed'));
    clearTimeout(this.pause);
    const session = await this.state;
    if (session instanceof MqttSession) session.close();
  }

  private async open(): Promise<MqttSession | Outcome> {
    const opened = await this.connect();
    if (opened instanceof MqttSession) this.follow(opened);
    else this.tryAgain(++this.failures);
    return opened;
  }

  private async connect(): Promise<MqttSession | Outcome> {
    const { endpoint, identity, connectTimeoutMs, topics } = this.options;
    let session: MqttSession;
    try {
      const deadline = withDeadline(this.ending.signal, connectTimeoutMs);
      const socket = await openSocket(endpoint, deadline);
      session = new MqttSession(socket, { ...this.options, version: this.version }, this.takeMessage);
    } catch (error) {
      return outcomeOfConnectError(error as Error, [identity.password ?? '']);
    }
    const leave = (): void => session.drop();
    this.ending.signal.addEventListener('abort', leave, { once: true });
    const refusal = await this.introduce(session, identity, topics);
    this.ending.signal.removeEventListener('abort', leave);
    if (refusal === null) return session;
    session.drop();
    return refusal === 'other_version' ? this.connect() : refusal;
  }

  /** Null where the broker lets us in. */
  private async introduce(
    session: MqttSession,
    identity: Identity,
    topics: readonly string[],
  ): Promise<Outcome | 'other_version' | null> {
    const greeting = await session.connect(identity);
    // Some brokers that do not know version 5 hang up without a word.
    const isWrongVersion = greeting.isAnswered ? WRONG_VERSION.has(greeting.code) : greeting.word !== 'timeout';
    if (isWrongVersion && this.takeNextVersion()) return 'other_version';
    // What was written is the introduction: no message went out with it.
    if (!greeting.isAnswered) return outcomeOfLoss(false, greeting.word);
    if (greeting.code !== 0) return outcomeOfConnectRefusal(greeting.code);
    if (topics.length === 0 || (await session.subscribe(topics))) return null;
    const lost = await Promise.race([session.ended, Promise.resolve(null)]);
    return lost === null ? SUBSCRIPTION_REFUSED : outcomeOfLoss(false, lost);
  }

  /** Begins again with the first at the next connection: a broker that hung up for another reason is not misjudged for long. */
  private takeNextVersion(): boolean {
    const { versions } = this.options;
    const next = versions[versions.indexOf(this.version) + 1];
    this.version = next ?? versions[0] ?? 4;
    return next !== undefined && !this.ending.signal.aborted;
  }

  private follow(session: MqttSession): void {
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
