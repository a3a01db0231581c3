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
  /**
   * Items that are worth a flush while more may be on their way: fewer wait until everything that has come in by now is read
   * (the end of the event loop's turn). Unless given, whatever there is goes at once.
   */
  fillTo?: number;
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
  /** The next flush is called for already. */
  private isCalled = false;
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
      this.callFlush();
    });
  }

  /** Resolves when nothing waits, nothing is in flight, and everybody has his answer. */
  async idle(): Promise<void> {
    if (this.inFlight > 0 || this.waiting.length > 0)
      await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
    await this.answered;
  }

  private callFlush(): void {
    const { fillTo } = this.options;
    if (!this.mayBegin()) return;
    if (fillTo !== undefined && this.waiting.length >= fillTo) return this.begin();
    if (this.isCalled) return;
    this.isCalled = true;
    const begin = (): void => {
      this.isCalled = false;
      if (this.mayBegin()) this.begin();
    };
    // One microtask later: what is added in the same turn shares the flush.
    if (fillTo === undefined) queueMicrotask(begin);
    else setImmediate(begin);
  }

  private mayBegin(): boolean {
    return this.waiting.length > 0 && this.inFlight < (this.options.maxInFlight ?? 1);
  }

  private begin(): void {
    const { maxBatch } = this.options;
    const batch = this.waiting.length <= maxBatch ? this.waiting : this.waiting.slice(0, maxBatch);
    this.waiting = batch === this.waiting ? [] : this.waiting.slice(maxBatch);
    this.inFlight++;
    void this.flushOne(batch).then((answer) => this.end(answer));
    this.callFlush();
  }

  /**
   * Answering wakes everybody of a batch, who then have their own things to do: the next flush is on its way before that, so
   * that whoever carries it out is not idle meanwhile. He is not while he has another one.
   */
  private end(answer: () => void): void {
    this.inFlight--;
    if (this.waiting.length < (this.options.fillTo ?? 1)) this.callFlush();
    else {
      this.begin();
      if (this.inFlight === 1) {
        this.answered = new Promise((resolve) => setImmediate(() => resolve(answer())));
        return;
      }
    }
    answer();
    if (this.inFlight > 0 || this.waiting.length > 0) return;
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
