import { expect, it } from '@jest/globals';
import { idempotencyKeyOf } from './idempotency-key.js';

it('keeps the keys of the doors apart, whatever callers write', () => {
  const words = ['x', 'msg:x', 'psp:x', 'native:x', 'native:msg:x', 'msg:msg:x', 'other:x'];
  const kept = (['native', 'msg', 'psp'] as const).flatMap((door) => words.map((key) => idempotencyKeyOf(door, key)));
  expect(new Set(kept).size).toBe(kept.length);
});

it('is, for nearly every key, what was kept before doors were told apart', () => {
  expect([idempotencyKeyOf('native', 'order-1'), idempotencyKeyOf('msg', 'a'), idempotencyKeyOf('psp', 'a')]).toEqual([
    'order-1',
    'msg:a',
    'psp:a',
  ]);
});
