import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '#providers';
import { verdictOf } from './account-verdict.policy.js';

describe('what a send says of its account', () => {
  it('counts answers, good or bad, and failures apart', () => {
    const verdict = verdictOf([
      { class: 'ok' },
      { class: 'bad_recipient' },
      { class: 'bad_content' },
      { class: 'retry', code: 'http_503', words: 'busy' },
      { class: 'unknown_outcome', code: 'timeout' },
    ]);
    expect(verdict).toEqual({
      worked: 3,
      failed: 2,
      trouble: { code: 'http_503', words: 'busy' },
      misconfigured: null,
      parked: null,
    });
  });

  it.each<Outcome>([
    { class: 'rate_limited' },
    { class: 'auth_refresh' },
    { class: 'retry', code: 'provider_closed' },
    { class: 'retry', code: 'aborted' },
  ])('counts %j as neither', (outcome) => {
    expect(verdictOf([outcome])).toMatchObject({ worked: 0, failed: 0 });
  });

  it('calls an account wrongly set up, unless something of the same send went out', () => {
    const refused: Outcome = { class: 'bad_config', code: '60020', words: 'ip' };
    expect(verdictOf([refused, { class: 'bad_recipient' }])).toMatchObject({
      misconfigured: { code: '60020', words: 'ip' },
    });
    expect(verdictOf([refused, { class: 'ok' }])).toMatchObject({ misconfigured: null });
  });

  it('parks an account that is rate limited as a whole, for the longest time asked', () => {
    const minute: Outcome = { class: 'rate_limited', code: 'http_429', retryAfterMs: 60_000 };
    const day: Outcome = { class: 'rate_limited', code: '45009', retryAfterMs: 9_000_000, isAccountWide: true };
    expect(verdictOf([minute, day]).parked).toEqual({ ms: 9_000_000, code: '45009' });
    expect(verdictOf([{ class: 'rate_limited', code: 'http_429' }]).parked).toEqual({ ms: 60_000, code: 'http_429' });
    expect(verdictOf([{ class: 'rate_limited', code: '45011', retryAfterMs: 5 }]).parked).toBeNull();
  });
});
