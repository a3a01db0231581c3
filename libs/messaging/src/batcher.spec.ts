import { describe, expect, it } from '@jest/globals';
import { Batcher, type BatchResult } from './batcher.js';
import { OverloadedError } from './messaging-errors.js';

/** A flush that notes its batches and answers when told to. */
function recorder(): {
  batches: number[][];
  finish(): void;
  flush(items: number[]): Promise<BatchResult<number>[]>;
} {
  const batches: number[][] = [];
  let finish: () => void = () => undefined;
  return {
    batches,
    finish: () => finish(),
    flush: async (items) => {
      batches.push(items);
      await new Promise<void>((resolve) => (finish = resolve));
      return items.map((item) => ({ value: item * 10 }));
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Batcher', () => {
  it('flushes at once, and puts what comes meanwhile into the next flush', async () => {
    const { batches, finish, flush } = recorder();
    const batcher = new Batcher({ maxBatch: 500, flush });
    const first = batcher.add(1);
    await turn();
    const rest = Promise.all([2, 3, 4].map((item) => batcher.add(item)));
    await turn();
    expect(batches).toEqual([[1]]); // one flush in flight at a time
    finish();
    await expect(first).resolves.toBe(10);
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4]]);
    finish();
    await expect(rest).resolves.toEqual([20, 30, 40]);
  });

  it('puts what is added in the same turn into one flush, no more than maxBatch', async () => {
    const batches: number[] = [];
    const flush = (items: number[]): Promise<BatchResult<number>[]> => {
      batches.push(items.length);
      return Promise.resolve(items.map((value) => ({ value })));
    };
    const batcher = new Batcher({ maxBatch: 4, flush });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, item) => batcher.add(item)));
    expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(batches).toEqual([4, 4, 2]);
  });

  it('begins the next flush before it answers the items of the last one', async () => {
    const events: string[] = [];
    let finish: () => void = () => undefined;
    const flush = async (items: number[]): Promise<BatchResult<number>[]> => {
      events.push(`flush ${items.join()}`);
      await new Promise<void>((resolve) => (finish = resolve));
      return items.map((value) => ({ value }));
    };
    const batcher = new Batcher({ maxBatch: 500, flush });
    const answered = (item: number): Promise<unknown> => batcher.add(item).then(() => events.push(`answer ${item}`));
    const all = [answered(1)];
    await turn();
    all.push(answered(2));
    finish();
    await turn();
    await turn();
    finish();
    await Promise.all(all);
    expect(events).toEqual(['flush 1', 'flush 2', 'answer 1', 'answer 2']);
  });

  it('rejects only the items whose result is an error', async () => {
    const refusal = new Error('no');
    const flush = (items: number[]): Promise<BatchResult<number>[]> =>
      Promise.resolve(items.map((item) => (item % 2 ? { error: refusal } : { value: item })));
    const batcher = new Batcher({ maxBatch: 10, flush });
    const [even, odd] = await Promise.allSettled([batcher.add(2), batcher.add(3)]);
    expect(even).toEqual({ status: 'fulfilled', value: 2 });
    expect(odd).toEqual({ status: 'rejected', reason: refusal });
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('down')), 'down'],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'broken',
    ],
    ['answers too few results', () => Promise.resolve([]), '1 items answered 0 results'],
  ])('rejects every item of a flush that %s, and goes on', async (_, fail: () => Promise<never[]>, text) => {
    let calls = 0;
    const flush = (items: number[]): Promise<BatchResult<number>[]> =>
      ++calls === 1 ? fail() : Promise.resolve(items.map((value) => ({ value })));
    const batcher = new Batcher({ maxBatch: 10, flush });
    await expect(batcher.add(1)).rejects.toThrow(text);
    await expect(batcher.add(2)).resolves.toBe(2);
  });

  it('refuses items beyond maxWaiting, those in flight not counted', async () => {
    const { finish, flush } = recorder();
    const batcher = new Batcher({ maxBatch: 2, maxWaiting: 2, flush });
    const first = batcher.add(1);
    await turn();
    const waiting = Promise.all([batcher.add(2), batcher.add(3)]);
    await expect(batcher.add(4)).rejects.toThrow(OverloadedError);
    finish();
    await first;
    await turn();
    finish();
    await expect(waiting).resolves.toEqual([20, 30]);
  });

  it('has as many flushes in flight as it may, and shares what comes beyond', async () => {
    const { batches, flush } = recorder();
    const batcher = new Batcher({ maxBatch: 500, maxInFlight: 2, flush });
    for (const items of [[1, 2], [3], [4], [5]]) {
      for (const item of items) void batcher.add(item);
      await turn();
    }
    expect(batches).toEqual([[1, 2], [3]]);
  });

  it('waits for the end of the turn to fill a flush, and no longer once it is full', async () => {
    const { batches, flush } = recorder();
    const batcher = new Batcher({ maxBatch: 500, maxInFlight: 3, fillTo: 3, flush });
    void batcher.add(1);
    await Promise.resolve();
    expect(batches).toEqual([]); // more may be read in this turn
    void batcher.add(2);
    await turn();
    expect(batches).toEqual([[1, 2]]);
    for (const item of [3, 4, 5, 6]) void batcher.add(item);
    expect(batches).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    await turn();
    expect(batches.at(-1)).toEqual([6]);
  });

  it('answers at once while another flush is under way', async () => {
    const finishes: (() => void)[] = [];
    const flush = async (items: number[]): Promise<BatchResult<number>[]> => {
      await new Promise<void>((resolve) => finishes.push(resolve));
      return items.map((value) => ({ value }));
    };
    const batcher = new Batcher({ maxBatch: 1, maxInFlight: 2, fillTo: 1, flush });
    const answered: number[] = [];
    const all = [1, 2, 3].map((item) => batcher.add(item).then(() => answered.push(item)));
    finishes[0]?.();
    await Promise.resolve().then(() => all[0]);
    expect([answered, finishes.length]).toEqual([[1], 3]);
    finishes.forEach((finish) => finish());
    await Promise.all(all);
  });

  it('is idle only when nothing waits and nothing is in flight', async () => {
    const { finish, flush } = recorder();
    const batcher = new Batcher({ maxBatch: 1, flush });
    await batcher.idle();
    const added = Promise.all([batcher.add(1), batcher.add(2)]);
    let isIdle = false;
    const idle = batcher.idle().then(() => (isIdle = true));
    await turn();
    finish();
    await turn();
    expect(isIdle).toBe(false);
    finish();
    await idle;
    await expect(added).resolves.toEqual([10, 20]);
  });
});
