import { describe, expect, it } from '@jest/globals';
import { MAX_HTML_TAGS, hasTooManyTags } from './html-tags.js';

describe('HTML', () => {
  it.each<[string, number]>([
    ['<div>', MAX_HTML_TAGS],
    ['<ul><li>', MAX_HTML_TAGS / 2],
    ['<B>x</B>', MAX_HTML_TAGS / 2],
  ])('of %j may come %i times and no more', (part, times) => {
    expect([hasTooManyTags(part.repeat(times)), hasTooManyTags(part.repeat(times + 1))]).toEqual([false, true]);
  });

  it('may hold as many signs as it likes that begin no tag', () => {
    expect(hasTooManyTags('a < b && 1<2 <= <3 </ '.repeat(MAX_HTML_TAGS))).toBe(false);
  });
});
