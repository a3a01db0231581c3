import { describe, expect, it } from '@jest/globals';
import { UplinkJoiner } from './uplink-joiner.js';

const place = (number: number, total = 3): { reference: number; total: number; number: number } => ({
  reference: 1,
  total,
  number,
});

describe('joining parts', () => {
  const open = (): { joiner: UplinkJoiner<string>; givenUp: string[]; clock: { ms: number } } => {
    const givenUp: string[] = [];
    const clock = { ms: 0 };
    const joiner = new UplinkJoiner<string>(
      (owner, octets) => givenUp.push(`${owner}: ${octets.toString()}`),
      () => clock.ms,
    );
    return { joiner, givenUp, clock };
  };

  it('answers the whole when the last part is there, a repeated part counted once', () => {
    const { joiner } = open();
    expect(joiner.add('k', place(3), Buffer.from('c'), 'o')).toBeNull();
    expect(joiner.add('k', place(3), Buffer.from('c'), 'o')).toBeNull();
    expect(joiner.add('k', place(1), Buffer.from('a'), 'o')).toBeNull();
    expect(joiner.add('k', place(2), Buffer.from('b'), 'o')?.toString()).toBe('abc');
  });

  it('keeps messages apart, and a new one after the old was stored', () => {
    const { joiner } = open();
    joiner.add('k', place(1, 2), Buffer.from('a'), 'o');
    expect(joiner.add('l', place(2, 2), Buffer.from('y'), 'o')).toBeNull();
    expect(joiner.add('k', place(2, 2), Buffer.from('b'), 'o')?.toString()).toBe('ab');
    joiner.forget('k');
    expect(joiner.add('k', place(2, 2), Buffer.from('B'), 'o')).toBeNull();
  });

  it('gives up what stays incomplete, as far as it came', () => {
    const { joiner, givenUp, clock } = open();
    joiner.add('k', place(3), Buffer.from('c'), 'old');
    clock.ms = 300_000;
    joiner.add('l', place(1), Buffer.from('x'), 'young');
    joiner.add('k', place(1), Buffer.from('a'), 'old');
    clock.ms = 600_000;
    joiner.expire();
    expect(givenUp).toEqual(['old: ac']);
  });

  it('keeps no more than a thousand unfinished: the oldest goes first', () => {
    const { joiner, givenUp } = open();
    for (let i = 0; i < 1_002; i++) joiner.add(`k${i}`, place(1), Buffer.from('a'), `o${i}`);
    joiner.expire();
    expect(givenUp).toEqual(['o0: a', 'o1: a']);
  });

  it('does not hold on to the buffer a part came in', () => {
    const { joiner } = open();
    const chunk = Buffer.from('a');
    joiner.add('k', place(1, 2), chunk, 'o');
    chunk.fill('!');
    expect(joiner.add('k', place(2, 2), Buffer.from('b'), 'o')?.toString()).toBe('ab');
  });
});
