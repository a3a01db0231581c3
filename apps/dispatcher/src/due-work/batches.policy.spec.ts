import { describe, expect, it } from '@jest/globals';
import { inBatches, inTurns, sizesOf, type Handed } from './batches.policy.js';

const work = (id: number, app_id: string, size = 1): Handed => ({ id, channel: 'sms', app_id, size });
const ids = (items: readonly Handed[]): number[] => items.map((item) => item.id);

describe('new work', () => {
  it('goes out by the apps in turn', () => {
    expect(ids(inTurns([work(1, 'a'), work(2, 'a'), work(3, 'a'), work(4, 'b')]))).toEqual([1, 4, 2, 3]);
    expect(inTurns([])).toEqual([]);
  });

  it('is counted by app', () => {
    expect(sizesOf([work(1, 'a', 3), work(2, 'b'), work(3, 'a', 2)])).toEqual(
      new Map([
        ['a', 5],
        ['b', 1],
      ]),
    );
  });
});

describe('batches', () => {
  it('keep the order', () => {
    expect(inBatches([work(3, 'a'), work(1, 'b'), work(2, 'a')], 2).map(ids)).toEqual([[3, 1], [2]]);
  });

  it('stay within their deliveries', () => {
    const items = Array.from({ length: 5 }, (_, i) => work(i, 'a', 80));
    expect(inBatches(items, 200).map((batch) => batch.length)).toEqual([2, 2, 1]);
  });

  it('never name more than 200 pieces of work', () => {
    const items = Array.from({ length: 450 }, (_, i) => work(i, 'a'));
    expect(inBatches(items, 1000).map((batch) => batch.length)).toEqual([200, 200, 50]);
  });

  it('let a piece larger than a batch go alone', () => {
    expect(inBatches([work(1, 'a', 500), work(2, 'a')], 200).map(ids)).toEqual([[1], [2]]);
  });

  it('are none of nothing', () => {
    expect(inBatches([], 200)).toEqual([]);
  });
});
