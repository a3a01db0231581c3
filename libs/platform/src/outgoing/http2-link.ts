import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import type { AddressPolicy } from './address-policy.js';
import { Http2Exchange } from './http2-exchange.js';
import { BlockedAddressError, OutgoingConnectError, OutgoingError, OutgoingTimeoutError } from './outgoing-errors.js';
import type { OutgoingClient, OutgoingRequest, OutgoingResponse } from './outgoing-request.js';

export interface Http2LinkOptions {
  /** Certificate authorities to trust instead of the public ones, PEM. */
  ca?: readonly string[];
}

/** A connection that was silent for longer is asked whether it still stands: what is between may have forgotten it. */
const DOUBTED_AFTER_MS = 60_000;
const PING_TIMEOUT_MS = 5_000;
const SETTINGS_TIMEOUT_MS = 10_000;

interface Begun {
  opening: Promise<ClientHttp2Session>;
  session?: ClientHttp2Session;
}

/**
 * One HTTP/2 connection to one origin, opened at the first request and again when it has ended; many requests share it. Addresses are
 * judged as by `GuardedHttp`, and requests end with the same errors. A stream that the other side says it never looked at counts as
 * not written.
 */
export class Http2Link implements OutgoingClient {
  private current: Begun | null = null;
  private readonly open = new Set<ClientHttp2Session>();
  private quietSince = performance.now();
  private isClosed = false;

  constructor(
    private readonly origin: string,
    private readonly policy: AddressPolicy,
    private readonly connectSocket: buildConnector.connector,
  ) {}

  /** As `GuardedHttp.request`; `url` must be of the link's origin. */
  async request(request: OutgoingRequest): Promise<OutgoingResponse> {
    const problem = this.policy.urlProblem(request.url);
    if (problem !== null) throw new BlockedAddressError(problem);
    const url = new URL(request.url);
    if (url.origin !== new URL(this.origin).origin) throw new BlockedAddressError('it is of another origin');
    const deadlineAt = performance.now() + request.timeoutMs;
    const session = await within(this.sound(), request, () => new OutgoingTimeoutError(false, request.timeoutMs));
    const stream = this.openStream(session, request, url);
    const leftMs = Math.max(1, deadlineAt - performance.now());
    try {
      return await new Http2Exchange(stream, { ...request, timeoutMs: leftMs }).run();
    } catch (error) {
      // Whatever else waits on it may still be answered, but the next request takes another connection.
      if (error instanceof OutgoingTimeoutError && !request.signal?.aborted) this.forget(session);
      throw error;
    } finally {
      this.quietSince = performance.now();
    }
  }

  /** Ends the connection; the caller lets running requests finish first. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.current = null;
    await Promise.all([...this.open].map((session) => ended(session)));
  }

  private openStream(session: ClientHttp2Session, request: OutgoingRequest, url: URL): ClientHttp2Stream {
    try {
      const headers = { ...request.headers, ':method': request.method, ':path': url.pathname + url.search };
      const stream = session.request(headers, { endStream: request.body === undefined });
      if (request.body !== undefined) stream.end(request.body);
      return stream;
    } catch (error) {
      // The connection ended in this very moment, or a header cannot be written.
      this.forget(session);
      throw new OutgoingConnectError(error);
    }
  }

  private async sound(): Promise<ClientHttp2Session> {
    if (this.isClosed) throw new OutgoingConnectError(new Error('the link is closed'));
    const session = await this.begun();
    if (performance.now() - this.quietSince < DOUBTED_AFTER_MS) return session;
    if (await answersPing(session)) {
      this.quietSince = performance.now();
      return session;
    }
    this.forget(session);
    return this.begun();
  }

  /** The connection there is, or a new one; all who ask at a time get the same. */
  private begun(): Promise<ClientHttp2Session> {
    if (this.current) return this.current.opening;
    const beginning: Begun = {
      opening: this.connect().then(
        (session) => (beginning.session = session),
        (error: unknown) => {
          if (this.current === beginning) this.current = null;
          throw error;
        },
      ),
    };
    this.current = beginning;
    return beginning.opening;
  }

  private async connect(): Promise<ClientHttp2Session> {
    const socket = await this.openSocket();
    if (!(socket instanceof TLSSocket) || socket.alpnProtocol !== 'h2') {
      socket.destroy();
      throw new OutgoingConnectError(new Error('the other side does not speak HTTP/2'));
    }
    const session = connect(this.origin, { createConnection: () => socket, settings: { enablePush: false } });
    this.open.add(session);
    this.quietSince = performance.now();
    const end = (): void => this.forget(session);
    session.on('goaway', end);
    session.on('close', () => {
      this.open.delete(session);
      end();
    });
    // Every stream hears of it by itself.
    session.on('error', end);
    await settled(session);
    // It was closed meanwhile.
    if (this.isClosed) session.destroy();
    return session;
  }

  private openSocket(): Promise<Socket> {
    const { protocol, host, hostname, port } = new URL(this.origin);
    return new Promise((resolve, reject) => {
      this.connectSocket({ protocol, host, hostname, port }, (error, socket) => {
        if (socket) resolve(socket);
        else reject(error instanceof OutgoingError ? error : new OutgoingConnectError(error));
      });
    });
  }

  /** No new request goes this way; those that run may end. */
  private forget(session: ClientHttp2Session): void {
    if (this.current?.session === session) this.current = null;
    if (!session.closed) session.close();
  }
}

/**
 * Resolves once the other side has said how many requests it takes at a time: what is sent before may be refused, what is more waits
 * in line from then on. One that does not say so is none.
 */
function settled(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => session.destroy(), SETTINGS_TIMEOUT_MS);
    session.once('remoteSettings', () => {
      clearTimeout(timer);
      resolve();
    });
    session.once('close', () => {
      clearTimeout(timer);
      reject(new OutgoingConnectError(new Error('the other side does not speak HTTP/2')));
    });
  });
}

/** Nothing runs on it any more. */
function ended(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    if (session.destroyed) return resolve();
    session.once('close', () => resolve());
    session.destroy();
  });
}

function answersPing(session: ClientHttp2Session): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
      resolve(false);
    }, PING_TIMEOUT_MS);
    const answer = (isAlive: boolean): void => {
      clearTimeout(timer);
      resolve(isAlive);
    };
    try {
      if (session.closed || !session.ping((error) => answer(error === null))) answer(false);
    } catch {
      answer(false);
    }
  });
}

/** The promise's value, or `expired()` once the request's time is over or its signal has fired. */
async function within<T>(
  promise: Promise<T>,
  { timeoutMs, signal }: OutgoingRequest,
  expired: () => Error,
): Promise<T> {
  let stop: () => void = () => undefined;
  const deadline = new Promise<never>((_, reject) => {
    const expire = (): void => reject(expired());
    const timer = setTimeout(expire, timeoutMs);
    signal?.addEventListener('abort', expire, { once: true });
    if (signal?.aborted) expire();
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', expire);
    };
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    stop();
  }
}
