import { withDeadline } from '#platform';
import { outcomeOfConnectError, outcomeOfLoss } from '../../connection/connection-outcomes.js';
import { KeptLink, type LinkPauses } from '../../connection/kept-link.js';
import { openSocket, type Endpoint } from '../../connection/open-socket.js';
import type { Outcome } from '../../port/channel-provider.port.js';
import { SUBSCRIPTION_REFUSED, outcomeOfConnectRefusal } from '../mqtt.outcomes.js';
import { MqttSession, type Identity, type SessionOptions, type TakeMessage } from './mqtt-session.js';

export interface LinkOptions extends Omit<SessionOptions, 'version'>, LinkPauses {
  endpoint: Endpoint;
  identity: Identity;
  /** The versions to try, in this order; 4 is 3.1.1. */
  versions: readonly (4 | 5)[];
  /** Filters of what is to be heard; with none the connection only publishes. */
  topics: readonly string[];
  connectTimeoutMs: number;
}

/** "Not this version", as 3.1.1 and 5 say it. */
const WRONG_VERSION: ReadonlySet<number> = new Set([1, 0x84]);

/** Keeps one connection open for as long as the account is in use, and opens the next when it is lost. */
export class MqttLink {
  private readonly link: KeptLink<MqttSession>;
  private version: 4 | 5;

  /** Connects at once. */
  constructor(
    private readonly options: LinkOptions,
    private readonly takeMessage: TakeMessage,
  ) {
    this.version = options.versions[0] ?? 4;
    this.link = new KeptLink(options, (ending) => this.connect(ending));
  }

  /** As `KeptLink.session`. */
  session(signal: AbortSignal): Promise<MqttSession | Outcome> {
    return this.link.session(signal);
  }

  close(): Promise<void> {
    return this.link.close();
  }

  private async connect(ending: AbortSignal): Promise<MqttSession | Outcome> {
    const { endpoint, identity, connectTimeoutMs } = this.options;
    let session: MqttSession;
    try {
      const deadline = withDeadline(ending, connectTimeoutMs);
      const socket = await openSocket(endpoint, deadline);
      session = new MqttSession(socket, { ...this.options, version: this.version }, this.takeMessage);
    } catch (error) {
      return outcomeOfConnectError(error as Error, [identity.password ?? '']);
    }
    const leave = (): void => session.drop();
    ending.addEventListener('abort', leave, { once: true });
    const refusal = await this.introduce(session, ending);
    ending.removeEventListener('abort', leave);
    if (refusal === null) return session;
    session.drop();
    return refusal === 'other_version' ? this.connect(ending) : refusal;
  }

  /** Null where the broker lets us in. */
  private async introduce(session: MqttSession, ending: AbortSignal): Promise<Outcome | 'other_version' | null> {
    const { identity, topics } = this.options;
    const greeting = await session.connect(identity);
    // Some brokers that do not know version 5 hang up without a word.
    const isWrongVersion = greeting.isAnswered ? WRONG_VERSION.has(greeting.code) : greeting.word !== 'timeout';
    if (isWrongVersion && this.takeNextVersion() && !ending.aborted) return 'other_version';
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
    return next !== undefined;
  }
}
