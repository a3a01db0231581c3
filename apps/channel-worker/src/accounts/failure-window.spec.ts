import { describe, expect, it } from '@jest/globals';
import { FailureWindow } from './failure-window.js';

/** Adds sends one after the other; answers after which the circuit opened, or null. */
function openedAfter(sends: readonly [atMs: number, worked: number, failed: number][]): number | null {
  const window = new FailureWindow();
  const at = sends.findIndex(([nowMs, worked, failed]) => window.add(nowMs, worked, failed));
  return at < 0 ? null : at + 1;
}
const times = <T>(count: number, item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i));

describe('calls that fail', () => {
  it('open the circuit after ten in a row, however slowly they come', () => {
    expect(openedAfter(times(12, (i) => [i * 60_000, 0, 1]))).toBe(10);
  });

  it('open it after three whole batches, not after one hiccup of a batch interface', () => {
    expect(openedAfter(times(5, (i) => [i, 0, 1000]))).toBe(3);
  });

  it('open it when half of at least twenty calls fail within thirty seconds', () => {
    expect(openedAfter(times(40, (i) => [i * 100, i % 2, 1 - (i % 2)]))).toBe(20);
    expect(openedAfter(times(40, (i) => [i * 100, 2, 2]))).toBe(5);
    expect(openedAfter(times(400, (i) => [i * 3_000, i % 2, 1 - (i % 2)]))).toBeNull();
  });

  it('leave it closed while most work', () => {
    expect(openedAfter(times(1000, (i) => [i * 10, 3, 2]))).toBeNull();
    expect(openedAfter(times(100, (i) => [i * 10, 1, 0]))).toBeNull();
  });

  it('count anew after it opened, and nothing is counted of sends that say nothing', () => {
    const window = new FailureWindow();
    const opened = times(25, (i) => window.add(i, 0, 1)).filter(Boolean);
    expect(opened).toHaveLength(2);
    expect(times(100, () => window.add(0, 0, 0)).some(Boolean)).toBe(false);
  });
});
