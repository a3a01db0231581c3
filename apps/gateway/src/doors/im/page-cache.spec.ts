import { describe, expect, it } from '@jest/globals';
import { PageCache } from './page-cache.js';

const range = (limit: number) => ({ from: 1, to: null, limit, isNewest: true });
const known = (json: string, lastSeq = 1) => ({ page: { found: 1, isCut: false, json }, lastSeq });

describe('PageCache', () => {
  it('finds the page of a channel and a range, the last that was kept', () => {
    const cache = new PageCache();
    cache.keep(1, range(20), known('a'));
    cache.keep(1, range(20), known('b', 2));
    cache.keep(1, range(10), known('c'));
    expect(cache.find(1, range(20))).toEqual(known('b', 2));
    expect(cache.find(1, range(10))).toEqual(known('c'));
    expect(cache.find(1, { ...range(20), isNewest: false })).toBeUndefined();
    expect(cache.find(2, range(20))).toBeUndefined();
  });

  it('lets go of those nobody asked for longest, and keeps no giants', () => {
    const cache = new PageCache();
    const large = 'x'.repeat(60 * 1024);
    const count = 600; // about 35 MB
    for (let key = 0; key < count; key++) {
      cache.keep(key, range(20), known(large));
      expect(cache.find(0, range(20))).toBeDefined();
    }
    const left = Array.from({ length: count }, (_, key) => cache.find(key, range(20))).filter(Boolean).length;
    expect(left).toBeGreaterThan(500);
    expect(left).toBeLessThan(560);
    expect(cache.find(1, range(20))).toBeUndefined();
    cache.keep(1, range(20), known('x'.repeat(65 * 1024)));
    expect(cache.find(1, range(20))).toBeUndefined();
  });
});
