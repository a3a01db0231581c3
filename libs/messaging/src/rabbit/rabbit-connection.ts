import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ChannelModel } from 'amqplib';
import { settledWithin } from '../in-flight.js';
import type { MessagingLogger } from '../transport.js';

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 10_000;

export interface RabbitConnectionOptions {
  /** Nodes of one cluster; tried in turn, starting anywhere. */
  urls: readonly string[];
  /** Shown by the broker's tools. */
  name: string;
  /** 5–20; two missed intervals end the connection (fact 5). Zero would switch heartbeats off. */
  heartbeatS: number;
  logger: MessagingLogger;
  jitterMs(ms: number, ratio: number): number;
  /** Sets up channels. A rejection closes the connection and counts as a failed attempt. */
  onOpen(model: ChannelModel): Promise<void>;
}

/** Keeps one connection to the broker: connects, sets up, and comes back with growing, jittered pauses. */
export class RabbitConnection {
  private model?: ChannelModel;
  private blockedReason?: string;
  private problem = 'connecting';
  private readonly stopping = new AbortController();
  private running?: Promise<void>;

  constructor(private readonly options: RabbitConnectionOptions) {}

  /** The connection while it is open and set up. */
  get current(): ChannelModel | undefined {
    return this.model;
  }

  /** Why the broker takes no messages on this connection (fact 6), while it does not. */
  get blocked(): string | undefined {
    return this.blockedReason;
  }

  get detail(): string {
    return this.problem;
  }

  /** Resolves when the first attempt has succeeded or failed. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.running = this.run(resolve);
    });
  }

  async stop(): Promise<void> {
    this.problem = 'closed';
    this.stopping.abort();
    const { model } = this;
    if (model && !(await settledWithin(model.close(), CLOSE_TIMEOUT_MS))) destroySocket(model);
    // An attempt that hangs in the handshake ends by its own time limit and closes what it opened.
    if (this.running) await settledWithin(this.running, CLOSE_TIMEOUT_MS);
  }

  private async run(attempted: () => void): Promise<void> {
    const { urls, name, logger, jitterMs } = this.options;
    let turn = randomInt(urls.length);
    for (let failures = 0; !this.stopping.signal.aborted; turn = (turn + 1) % urls.length) {
      try {
        const { closed } = await this.open(urls[turn] ?? '');
        failures = 0;
        this.problem = 'channel closed';
        logger.info({ connection: name }, 'broker connected');
        attempted();
        this.problem = `connection lost: ${await closed}`;
      } catch (error) {
        failures += 1;
        this.problem = error instanceof Error ? error.message || error.name : String(error);
      }
      attempted();
      if (this.stopping.signal.aborted) break;
      const pauseMs = jitterMs(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 10), MAX_PAUSE_MS), 0.5);
      logger.warn({ connection: name, detail: this.problem, failures, pauseMs }, 'broker not connected');
      await sleep(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** Resolves when the connection is set up, with a promise of the reason it ends. */
  private async open(url: string): Promise<{ closed: Promise<string> }> {
    const model = await connect(withHeartbeat(url, this.options.heartbeatS), {
      noDelay: true, // without it a small request waits 40 ms for the other side's delayed ACK
      timeout: CONNECT_TIMEOUT_MS,
      clientProperties: { connection_name: this.options.name },
    });
    let reason = 'closed';
    let isOpen = true;
    model.on('error', (error) => (reason = error.message));
    model.on('blocked', (why) => {
      this.blockedReason = why;
      this.options.logger.warn({ connection: this.options.name, reason: why }, 'broker blocks publishing');
    });
    model.on('unblocked', () => {
      this.blockedReason = undefined;
      this.options.logger.info({ connection: this.options.name }, 'broker takes messages again');
    });
    const closed = new Promise<string>((resolve) => {
      model.on('close', (error?: Error) => {
        isOpen = false;
        destroySocket(model); // after a missed heartbeat the client only half-closes, and the peer may never answer
        this.model = undefined;
        this.blockedReason = undefined;
        resolve(error?.message ?? reason);
      });
    });
    try {
      await this.options.onOpen(model);
      if (this.stopping.signal.aborted || !isOpen) throw new Error(reason);
    } catch (error) {
      if (!(await settledWithin(closeQuietly(model), CLOSE_TIMEOUT_MS))) destroySocket(model);
      throw error;
    }
    this.model = model;
    return { closed };
  }
}

function withHeartbeat(url: string, heartbeatS: number): string {
  const parsed = new URL(url);
  parsed.searchParams.set('heartbeat', String(heartbeatS));
  return parsed.toString();
}

async function closeQuietly(model: ChannelModel): Promise<void> {
  await model.close().catch(() => undefined); // closed already
}

/** The library has no way to give up on a peer that does not answer; its socket is the only handle. */
function destroySocket(model: ChannelModel): void {
  const { stream } = model.connection as unknown as { stream?: Duplex };
  stream?.destroy(new Error('given up')); // with an error, or the library would not notice and keep its timers
}
