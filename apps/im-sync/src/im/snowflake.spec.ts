import { describe, expect, it } from '@jest/globals';
import { Snowflake } from './snowflake.js';

/** Milliseconds, node and step of an id. */
const parts = (id: string): [number, number, number] => {
  const bits = BigInt(id);
  return [Number(bits >> 22n) + 1_288_834_974_657, Number((bits >> 12n) & 1023n), Number(bits & 4095n)];
};
const NOW = 1_795_333_296_000;

describe('ids of messages', () => {
  it('are made of the time, the node and a step', () => {
    expect(new Snowflake(1023).take(2, NOW + 0.7).map(parts)).toEqual([
      [NOW, 1023, 0],
      [NOW, 1023, 1],
    ]);
  });

  it('say what the ids of the server say whose they are', () => {
    expect(parts('2124407938020802560').slice(1)).toEqual([0, 0]);
    expect(Math.floor((parts('2124407938020802560')[0] ?? 0) / 1000)).toBe(1_795_333_296);
  });

  it('only grow: over a millisecond’s 4096, with time that stands still or goes back', () => {
    const ids = new Snowflake(0);
    const taken = [...ids.take(10_000, NOW), ...ids.take(1, NOW), ...ids.take(1, NOW - 5000), ...ids.take(1, NOW + 60)];
    const numbers = taken.map(BigInt);
    expect(numbers.every((id, i) => i === 0 || id > (numbers[i - 1] ?? 0n))).toBe(true);
    expect(parts(taken[10_000] ?? '')[0]).toBe(NOW + 2);
    expect(ids.lastMs).toBe(NOW + 60);
  });
});
