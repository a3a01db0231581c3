import type { ServerResponse } from 'node:http';

/** What may wait for a slow reader, in bytes; more, and he is dropped: he comes back and is told how things stand then. */
const MAX_WAITING_BYTES = 64 * 1024;
/** When a browser whose connection broke tries again, in ms. */
const RETRY_MS = 3000;

/** One open connection of server-sent events. */
export class EventStream {
  readonly openedAtMs = Date.now();

  constructor(private readonly response: ServerResponse) {}

  open(headers: Record<string, string>): void {
    // The listener cuts connections that are idle; this one is meant to be.
    this.response.socket?.setTimeout(0);
    this.response.socket?.setNoDelay(true);
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-content-type-options': 'nosniff',
      // Its end is the end of the connection, so that no idle one keeps the process from going.
      connection: 'close',
      // nginx would wait until its buffer is full
      'x-accel-buffering': 'no',
      ...headers,
    });
    this.write(`retry: ${RETRY_MS}\n\n`);
  }

  /** @param id what the browser says it knows when it comes back; null: what it said before */
  send(event: string, data: object, id: string | null): void {
    this.write(`event: ${event}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
  }

  /** Keeps proxies from taking the connection for dead. */
  beat(): void {
    this.write(':\n\n');
  }

  end(): void {
    this.response.end();
  }

  onClose(listener: () => void): void {
    if (this.response.destroyed) listener();
    else this.response.once('close', listener);
  }

  private write(text: string): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    this.response.write(text);
    if (this.response.writableLength > MAX_WAITING_BYTES) this.response.destroy();
  }
}
