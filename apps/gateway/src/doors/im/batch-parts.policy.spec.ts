import { describe, expect, it } from '@jest/globals';
import { partsOf } from './batch-parts.policy.js';

const sizesOf = (recipients: number, characters: number): number[] => {
  const subscribers = Array.from({ length: recipients }, (_, k) => `u${k}`);
  const parts = partsOf({ flags: 0, fromUid: 'a', payload: 'x'.repeat(characters), subscribers });
  expect(parts.flatMap((part) => part.subscribers)).toEqual(subscribers);
  return parts.map((part) => part.subscribers.length);
};

describe('a batch', () => {
  it.each<[string, number, number, number[]]>([
    ['to nobody', 0, 1, []],
    ['of the usual size', 10_000, 400, [10_000]],
    ['to very many', 20_001, 400, [10_000, 10_000, 1]],
    ['of a payload that comes to much in many logs', 2_000, 64 * 1024, [1024, 976]],
    ['of a payload that comes to too much in two', 2, 40 * 1024 * 1024, [1, 1]],
  ])('%s', (_, recipients, characters, sizes) => {
    expect(sizesOf(recipients, characters)).toEqual(sizes);
  });
});
