import { describe, expect, it } from '@jest/globals';
import { cursorAt, placeAt } from './audience-parts.js';

describe('the parts of a large audience', () => {
  it('are taken in their order, those that are there', () => {
    const all = new Set(['people', 'tokens', 'owners', 'addresses'] as const);
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let left = 9; left > 0; left--) {
      const { part, from, next } = placeAt(cursor, all);
      seen.push(`${part}(${from})`);
      if (next === null) break;
      cursor = next;
    }
    expect(seen).toEqual(['people()', 'tokens(0)', 'owners()', 'addresses(0)']);
    expect(placeAt(null, new Set(['tokens', 'addresses']))).toEqual({ part: 'tokens', from: '0', next: 'a:0' });
    expect(placeAt(null, new Set(['owners']))).toEqual({ part: 'owners', from: '', next: null });
  });

  it('go on where a cursor says', () => {
    expect(placeAt(cursorAt('owners', 'u:7'), new Set(['people', 'owners', 'addresses']))).toEqual({
      part: 'owners',
      from: 'u:7',
      next: 'a:0',
    });
    expect(placeAt('a:5000', new Set(['addresses']))).toEqual({ part: 'addresses', from: '5000', next: null });
  });

  it('of an audience of nobody are through at once', () => {
    expect(placeAt(null, new Set())).toEqual({ part: 'addresses', from: '0', next: null });
  });
});
