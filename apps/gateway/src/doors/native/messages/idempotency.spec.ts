import { describe, expect, it } from '@jest/globals';
import { idempotencyOf } from './idempotency.js';

describe('idempotency', () => {
  it('gives bodies that differ in the order of fields one hash, others another', () => {
    const hashOf = (body: object): string | undefined => idempotencyOf('k', body)?.bodyHash;
    expect(hashOf({ a: [{ x: 1, y: 2 }], b: null })).toBe(hashOf({ b: null, a: [{ y: 2, x: 1 }] }));
    expect(hashOf({ a: [1, 2] })).not.toBe(hashOf({ a: [2, 1] }));
    expect(hashOf({ a: '1' })).not.toBe(hashOf({ a: 1 }));
  });

  it('is absent without a header', () => {
    expect(idempotencyOf(undefined, {})).toBeNull();
  });

  it.each(['', 'with space', 'é', 'x'.repeat(256), 'a, b'])('refuses the key %j', (key) => {
    expect(() => idempotencyOf(key, {})).toThrow(/Idempotency-Key/);
  });
});
