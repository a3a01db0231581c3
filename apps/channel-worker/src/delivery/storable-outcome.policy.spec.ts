import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '#providers';
import { storableOutcome } from './storable-outcome.policy.js';

const ask = { ref: 'r', afterMs: 1 };

describe('an outcome as the database can hold it', () => {
  it('is the same where it can', () => {
    const outcome: Outcome = { class: 'ok', code: '0', words: '好😀', providerRef: 'id', ask };
    expect(storableOutcome(outcome)).toBe(outcome);
  });

  it.each<[string, Outcome | undefined, Outcome]>([
    ['none', undefined, { class: 'unknown_outcome', code: 'no_outcome' }],
    ['NUL in the texts', { class: 'retry', code: '\0', words: 'a\0b' }, { class: 'retry', code: '', words: 'ab' }],
    [
      'half a character',
      { class: 'ok', words: '\ud800x', providerRef: 'id' },
      { class: 'ok', words: 'x', providerRef: 'id' },
    ],
    ['an id with a NUL', { class: 'ok', providerRef: 'a\0', ask }, { class: 'ok', ask }],
    ['an id that is too long', { class: 'ok', providerRef: '长'.repeat(342) }, { class: 'ok' }],
    [
      'a reference that nobody can ask by',
      { class: 'unknown_outcome', ask: { ref: '\0', afterMs: 1 } },
      { class: 'unknown_outcome' },
    ],
  ])('%s', (_, given, stored) => {
    expect(storableOutcome(given)).toEqual(stored);
  });
});
