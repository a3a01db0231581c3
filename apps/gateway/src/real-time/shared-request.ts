import { Batcher, RpcTimeoutError, type BatchResult } from '#messaging';
import { splitBySize } from './split-by-size.js';

/** More than this waiting: the door refuses instead of growing. */
const MAX_WAITING = 5_000;
/** While one request is at the database, the next one is put together. */
const MAX_IN_FLIGHT = 2;

export interface SharedRequestOptions<I, O> {
  pattern: string;
  /** Most items of one request. */
  maxBatch: number;
  /** As in `BatcherOptions`. */
  fillTo?: number;
  /** Longest that an item waits for its answer, in ms. */
  withinMs: number;
  /** Of the texts of an item. */
  bytesOf(item: I): number;
  /** One answer an item, in order. */
  ask(items: I[], timeoutMs: number): Promise<readonly O[]>;
}

/** Requests to one RPC pattern: whatever waits travels together, and nobody waits longer than allowed. */
export class SharedRequest<I, O> {
  private readonly batcher: Batcher<{ item: I; until: number }, O>;

  constructor(private readonly options: SharedRequestOptions<I, O>) {
    this.batcher = new Batcher({
      maxBatch: options.maxBatch,
      maxWaiting: MAX_WAITING,
      maxInFlight: MAX_IN_FLIGHT,
      fillTo: options.fillTo,
      flush: (waiting) => this.flush(waiting),
    });
  }

  /** @throws RpcTimeoutError, OverloadedError; whatever the other side says */
  add(item: I): Promise<O> {
    const { withinMs } = this.options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.timeout()), withinMs);
      const settle = (tell: () => void): void => {
        clearTimeout(timer);
        tell();
      };
      this.batcher.add({ item, until: performance.now() + withinMs }).then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => settle(() => reject(error as Error)),
      );
    });
  }

  private async flush(waiting: { item: I; until: number }[]): Promise<BatchResult<O>[]> {
    // Whoever was told already that it failed must not have it done behind his back.
    const now = performance.now();
    const inTime = waiting.filter(({ until }) => until > now);
    const timeoutMs = Math.max(...inTime.map(({ until }) => until)) - now;
    const items = inTime.map(({ item }) => item);
    const parts = splitBySize(items, (item) => this.options.bytesOf(item));
    const results = (await Promise.all(parts.map((part) => this.askFor(part, timeoutMs)))).flat();
    let next = 0;
    return waiting.map(({ until }) => (until > now ? results[next++] : undefined) ?? { error: this.timeout() });
  }

  /** A part that fails does not take the others with it. */
  private async askFor(items: I[], timeoutMs: number): Promise<BatchResult<O>[]> {
    try {
      return (await this.options.ask(items, timeoutMs)).map((value) => ({ value }));
    } catch (error) {
      return items.map(() => ({ error }));
    }
  }

  private timeout(): RpcTimeoutError {
    return new RpcTimeoutError(this.options.pattern, this.options.withinMs);
  }
}
