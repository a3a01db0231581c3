import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request a provider adapter or the callback sender made. */
export interface Taken {
  /** Header `webhook-id`: the per-delivery reference, or the callback's own id. */
  id: string;
  path: string;
  body: string;
}

/** What a callback tells of one delivery. */
export interface CallbackItem {
  ref_no: string;
  uid: string;
  channel: string;
  status: string;
}

/** The outside world on loopback: takes every POST, answers 204 and keeps each copy. */
export class Sink {
  private readonly requests: Taken[] = [];
  /** Time between taking a request and answering it, ms. */
  delayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  static async open(): Promise<Sink> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const sink = new Sink(server, (server.address() as AddressInfo).port);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const id = String(request.headers['webhook-id']);
        sink.requests.push({ id, path: request.url ?? '', body: Buffer.concat(chunks).toString() });
        setTimeout(() => response.writeHead(204).end(), sink.delayMs);
      });
      request.on('error', () => undefined); // the caller was killed in the middle
    });
    return sink;
  }

  /** An address of the webhook channel. */
  addressOf(name: string): string {
    return `http://127.0.0.1:${this.port}/to/${name}`;
  }

  get callbackUrl(): string {
    return `http://127.0.0.1:${this.port}/callback`;
  }

  get deliveries(): readonly Taken[] {
    return this.requests.filter(({ path }) => path.startsWith('/to/'));
  }

  get callbacks(): readonly Taken[] {
    return this.requests.filter(({ path }) => path === '/callback');
  }

  /** Copies of each delivery, by its reference. */
  copies(): Map<string, number> {
    const copies = new Map<string, number>();
    for (const { id } of this.deliveries) copies.set(id, (copies.get(id) ?? 0) + 1);
    return copies;
  }

  /** What the callbacks told of a message, a callback that came twice counted once. */
  reported(messageId: string): CallbackItem[] {
    const once = new Map(this.callbacks.map(({ id, body }) => [id, body]));
    return [...once.values()]
      .flatMap((body) => (JSON.parse(body) as { data: { items: CallbackItem[] } }).data.items)
      .filter(({ ref_no }) => ref_no === messageId);
  }

  forget(): void {
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
