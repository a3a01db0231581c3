import { describe, expect, it } from '@jest/globals';
import { moreOf, pageRange, type PageQuestion } from './page-range.policy.js';

const range = (start: number, end: number, limit: number, isUp = false): ReturnType<typeof pageRange> =>
  pageRange({ start, end, limit, isUp } satisfies PageQuestion);

describe('the part of a log that a page is', () => {
  it('is the newest without a start and an end', () => {
    expect(range(0, 0, 10, true)).toEqual({ from: 1, to: null, limit: 10, isNewest: true });
  });

  it('upwards begins at the start and ends before the end', () => {
    expect(range(100, 105, 10, true)).toEqual({ from: 100, to: 104, limit: 10, isNewest: false });
    expect(range(100, 0, 10, true)).toEqual({ from: 100, to: null, limit: 10, isNewest: false });
  });

  it('downwards is a window of seqs that ends at the start', () => {
    expect(range(100, 0, 10)).toMatchObject({ from: 91, to: 100 });
    expect(range(100, 95, 10)).toMatchObject({ from: 96, to: 100 });
    expect(range(5, 0, 10)).toMatchObject({ from: 1, to: 5 });
  });

  it('has bounds', () => {
    expect(range(1, 0, 20_000, true).limit).toBe(10_000);
    expect(() => range(0, 0, -1)).toThrow('limit不能为负数！');
    expect(() => range(0, 5, 1)).toThrow('start messageSeq must be greater than 0');
  });

  it('says more where it is full or was cut', () => {
    const page = range(1, 0, 10, true);
    expect([moreOf(10, page, false), moreOf(9, page, false), moreOf(9, page, true)]).toEqual([1, 0, 1]);
    expect(moreOf(0, range(1, 0, 0, true), false)).toBe(1);
  });
});
