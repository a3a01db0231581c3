import { OverloadedError } from './messaging-errors.js';

/** How one item of a flush ended. */
export type BatchResult<O> = { value: O } | { error: unknown };

export interface BatcherOptions<I, O> {
  /** Most items one flush takes. */
  maxBatch: number;
  /** Most items that may wait for a flush; more are refused with OverloadedError. */
  maxWaiting?: number;
  /** Flushes that may be in flight at a time; one unless given. */
  maxInFlight?: number;
  /** Answers one result an item, in order. A rejection rejects every item of the flush. */
  flush(items: I[]): Promise<readonly BatchResult<O>[]>;
}

interface Waiting<I, O> {
  item: I;
  resolve(value: O): void;
  reject(error: unknown): void;
}

/**
 * Group commit: whatever waits goes into the next flush, one flush is in flight at a time (or a few), nothing is delayed on
 * purpose. Alone an item costs one flush; under load flushes fill by themselves.
 */
export class Batcher<I, O> {
  private waiting: Waiting<I, O>[] = [];
  private inFlight = 0;
  private idleWaiters: (() => void)[] = [];
  /** The last answers that were put off. */
  private answered: Promise<void> | undefined;

  constructor(private readonly options: BatcherOptions<I, O>) {}

  /** @throws OverloadedError too many wait; whatever the flush says otherwise */
  add(item: I): Promise<O> {
    if (this.waiting.length >= (this.options.maxWaiting ?? Infinity)) {
      return Promise.reject(new OverloadedError(this.waiting.length));
    }
    return new Promise<O>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.inFlight >= (this.options.maxInFlight ?? 1)) return;
      this.inFlight++;
      // One microtask later: what is added in the same turn shares the flush.
      queueMicrotask(() => void this.flushAll());
    });
  }

  /** Resolves when nothing waits, nothing is in flight, and everybody has his answer. */
  async idle(): Promise<void> {
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
    await this.answered;
  }

  /**
   * Answering wakes everybody of a batch, who then have their own things to do: the next flush is on its way before that, so
   * that whoever carries it out is not idle meanwhile.
   */
  private async flushAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch =
        this.waiting.length <= this.options.maxBatch ? this.waiting : this.waiting.slice(0, this.options.maxBatch);
      this.waiting = batch === this.waiting ? [] : this.waiting.slice(this.options.maxBatch);
      const answer = await this.flushOne(batch);
      if (this.waiting.length > 0) this.answered = new Promise((resolve) => setImmediate(() => resolve(answer())));
      else answer();
    }
    this.inFlight--;
    if (this.inFlight > 0) return;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** Never rejects. @returns what tells every item its result */
  private async flushOne(batch: readonly Waiting<I, O>[]): Promise<() => void> {
    try {
      const results = await this.options.flush(batch.map(({ item }) => item));
      if (results.length !== batch.length) {
        throw new RangeError(`a flush of ${batch.length} items answered ${results.length} results`);
      }
      return () => answerEach(batch, results);
    } catch (error) {
      return () => batch.forEach((waiting) => waiting.reject(error));
    }
  }
}

function answerEach<I, O>(batch: readonly Waiting<I, O>[], results: readonly BatchResult<O>[]): void {
  batch.forEach((waiting, index) => {
    const result = results[index];
    if (result && 'value' in result) waiting.resolve(result.value);
    else waiting.reject(result?.error);
  });
}
