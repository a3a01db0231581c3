import { describe, expect, it } from '@jest/globals';
import { Slots } from './slots.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('slots', () => {
  it('run so many tasks at a time, the others in the order they came', async () => {
    const slots = new Slots(2);
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const all = Promise.all(
      [1, 2, 3, 4].map((n) =>
        slots.run(async () => {
          started.push(n);
          await new Promise<void>((resolve) => ends.push(resolve));
          return n;
        }),
      ),
    );
    await turn();
    expect(started).toEqual([1, 2]);
    ends[1]?.();
    await turn();
    expect(started).toEqual([1, 2, 3]);
    ends[0]?.();
    ends[2]?.();
    await turn();
    expect(started).toEqual([1, 2, 3, 4]);
    ends[3]?.();
    await expect(all).resolves.toEqual([1, 2, 3, 4]);
  });

  it('are free again after a task that failed', async () => {
    const slots = new Slots(1);
    await expect(slots.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await expect(slots.run(() => Promise.resolve('next'))).resolves.toBe('next');
  });
});
