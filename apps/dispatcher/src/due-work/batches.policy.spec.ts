import { describe, expect, it } from '@jest/globals';
import { interleave, type Handed } from './batches.policy.js';

const work = (id: number, app_id: string, size = 1): Handed => ({ id, channel: 'sms', app_id, size });

describe('interleaving work into batches', () => {
  it('takes the apps in turn', () => {
    const items = [work(1, 'a'), work(2, 'a'), work(3, 'a'), work(4, 'b')];
    expect(
      interleave(items, 10)
        .flat()
        .map((item) => item.id),
    ).toEqual([1, 4, 2, 3]);
  });

  it('keeps a batch within its deliveries', () => {
    const items = Array.from({ length: 5 }, (_, i) => work(i, 'a', 80));
    expect(interleave(items, 200).map((batch) => batch.length)).toEqual([2, 2, 1]);
  });

  it('never names more than 200 pieces of work', () => {
    const items = Array.from({ length: 450 }, (_, i) => work(i, 'a'));
    expect(interleave(items, 1000).map((batch) => batch.length)).toEqual([200, 200, 50]);
  });

  it('lets a piece larger than a batch go alone', () => {
    expect(interleave([work(1, 'a', 500), work(2, 'a')], 200).map((batch) => batch.map((item) => item.id))).toEqual([
      [1],
      [2],
    ]);
  });

  it('makes no batch of nothing', () => {
    expect(interleave([], 200)).toEqual([]);
  });
});
