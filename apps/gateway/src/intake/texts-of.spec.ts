import { expect, it } from '@jest/globals';
import { textsIn } from './texts-of.js';

it('finds every text inside, however many there are side by side', () => {
  const many = Array.from({ length: 200_000 }, (_, i) => `${i}`);
  expect(new Set(textsIn({ a: 'a', b: [many, { c: 'c', d: 1, e: null }] }))).toEqual(new Set(['a', 'c', ...many]));
});
