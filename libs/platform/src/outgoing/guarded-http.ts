import { Agent, type Dispatcher } from 'undici';
import { AddressPolicy } from './address-policy.js';
import { Exchange } from './exchange.js';
import { guardedConnector, resolveHost, type ResolveHost } from './guarded-connector.js';
import { Http2Link, type Http2LinkOptions } from './http2-link.js';
import { BlockedAddressError } from './outgoing-errors.js';
import type { OutgoingClient, OutgoingRequest, OutgoingResponse } from './outgoing-request.js';

export interface GuardedHttpOptions {
  /** IP addresses and CIDR ranges that may be called although they are not public. */
  allow: readonly string[];
  /** Resolver of names; the system's unless given. */
  resolve?: ResolveHost;
}

const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTIONS_PER_ORIGIN = 128;
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * HTTP to addresses that callers and administrators choose, safe against server-side request forgery: public addresses only (judged
 * at connect time, every resolved one), http and https with verified certificates, redirects never followed, answers bounded in time
 * and size. A status of any kind is an answer, not an error.
 */
export class GuardedHttp implements OutgoingClient {
  private readonly policy: AddressPolicy;
  private readonly agent: Agent;
  private readonly resolve: ResolveHost;

  constructor(options: GuardedHttpOptions) {
    this.policy = new AddressPolicy(options.allow);
    this.resolve = options.resolve ?? resolveHost;
    this.agent = new Agent({
      connect: guardedConnector(this.policy, this.resolve, CONNECT_TIMEOUT_MS),
      connections: CONNECTIONS_PER_ORIGIN,
      pipelining: 1,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The deadline of the exchange covers both; undici's own would only cut long deadlines short.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** The judgement that needs no resolver, for refusing a URL when it is handed in: why it may not be called, or `null`. */
  checkUrlLiteral(url: string): string | null {
    return this.policy.urlProblem(url);
  }

  /** Whether the operator opened the very address that the URL names, so that it needs no encryption on the way. */
  isOpened(url: string): boolean {
    return this.policy.isOpened(url);
  }

  /**
   * @throws BlockedAddressError the target may not be called
   * @throws OutgoingConnectError no connection
   * @throws OutgoingTimeoutError the deadline passed (or `signal` fired); says whether the request was written
   * @throws OutgoingAnswerError the connection broke, or the answer was malformed or too large
   */
  async request(request: OutgoingRequest): Promise<OutgoingResponse> {
    const problem = this.policy.urlProblem(request.url);
    if (problem !== null) throw new BlockedAddressError(problem);
    const url = new URL(request.url);
    const options: Dispatcher.DispatchOptions = {
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers: { ...request.headers, 'accept-encoding': 'identity' },
      body: request.body ?? null,
      // A request that broke off is the caller's to repeat, never undici's.
      idempotent: false,
    };
    const exchange = new Exchange(
      request.timeoutMs,
      request.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
      request.signal,
    );
    return exchange.run((handler) => this.agent.dispatch(options, handler));
  }

  /** A connection of the caller's own to one origin that speaks HTTP/2 only, by the same rules; the caller closes it. */
  openHttp2(origin: string, { ca }: Http2LinkOptions = {}): Http2Link {
    const tls = { allowH2: true, ...(ca === undefined ? {} : { ca: [...ca] }) } as const;
    return new Http2Link(origin, this.policy, guardedConnector(this.policy, this.resolve, CONNECT_TIMEOUT_MS, tls));
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}
