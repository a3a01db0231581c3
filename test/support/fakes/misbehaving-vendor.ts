import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface VendorRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
}

/** One way of not answering a request that was read to its end. */
export type Fault =
  | { kind: 'silence' }
  /** Headers at once, then a byte every few milliseconds for ever. */
  | { kind: 'drip' }
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** 200 and the beginning of a JSON object. */
  | { kind: 'truncated' }
  /** The head and less than it promises; then the connection breaks. */
  | { kind: 'broken_off'; status: number }
  /** 200 and more bytes than anybody should read. */
  | { kind: 'huge' }
  /** The connection breaks after the request was read. */
  | { kind: 'reset' };

/** How a vendor answers when all is well, and on what. */
export interface VendorManners {
  /** Default 200. */
  status?: number;
  headers?: Record<string, string>;
  /** It says nothing in its body. */
  isSilent?: true;
  /** Takes requests as Node's HTTP server does; default: plain HTTP/1.1. */
  server?: Server;
  /** Of `server`. */
  scheme?: 'https';
}

const DRIP_EVERY_MS = 20;
const HUGE_BYTES = 8 * 1024 * 1024;

/**
 * A vendor on loopback that answers well (`healthy`, as JSON) until told otherwise: each `play`ed fault is used up by one
 * request that is `affected`.
 */
export class MisbehavingVendor {
  readonly requests: VendorRequest[] = [];
  /** Which requests the faults are for; the others are answered well. */
  affected: (request: VendorRequest) => boolean = () => true;
  private faults: Fault[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly healthy: (request: VendorRequest) => object,
    private readonly manners: VendorManners,
  ) {
    const keep = (socket: Socket): void => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    };
    server.on('connection', keep).on('secureConnection', keep);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.take(request, response));
  }

  static async open(
    healthy: (request: VendorRequest) => object,
    manners: VendorManners = {},
  ): Promise<MisbehavingVendor> {
    const server = manners.server ?? createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new MisbehavingVendor(server, healthy, manners);
  }

  get baseUrl(): string {
    return `${this.manners.scheme ?? 'http'}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next affected requests meet these, one each; what was left of earlier ones is forgotten. */
  play(...faults: Fault[]): void {
    this.faults = faults;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets) socket.destroy();
    });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const read = await readVendorRequest(request);
    if (!read) return; // the caller hung up
    this.requests.push(read);
    const fault = this.affected(read) ? this.faults.shift() : undefined;
    if (fault) return misbehave(fault, response);
    const { status = 200, headers, isSilent } = this.manners;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(isSilent ? undefined : JSON.stringify(this.healthy(read)));
  }
}

/** The request read to its end; null when the caller hung up before. */
export async function readVendorRequest(request: IncomingMessage): Promise<VendorRequest | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  const url = new URL(request.url ?? '/', 'http://vendor');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function misbehave(fault: Fault, response: ServerResponse): void {
  switch (fault.kind) {
    case 'silence':
      return;
    case 'drip': {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
      const drip = setInterval(() => response.write(' '), DRIP_EVERY_MS);
      response.on('close', () => clearInterval(drip));
      return;
    }
    case 'status':
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    case 'truncated':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"errcode":0,"errmsg":"o');
      return;
    case 'broken_off':
      response.writeHead(fault.status, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"errcode":', () => breakConnection(response));
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"a":"${'x'.repeat(HUGE_BYTES)}"}`);
      return;
    case 'reset':
      breakConnection(response);
  }
}

function breakConnection(response: ServerResponse): void {
  if (response instanceof Http2ServerResponse) response.stream.session?.destroy();
  else response.socket?.resetAndDestroy();
}
