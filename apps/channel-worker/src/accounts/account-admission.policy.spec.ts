import { describe, expect, it } from '@jest/globals';
import type { AccountHealthRow } from '#entities';
import { admissionOf } from './account-admission.policy.js';

const NOW = Date.parse('2026-01-05T08:00:00Z');
const row = (over: Partial<AccountHealthRow>): AccountHealthRow => ({
  account: 'sms:main',
  state: 'closed',
  until_ms: null,
  code: null,
  words: null,
  parked_until_ms: null,
  parked_reason: null,
  ...over,
});

describe('an account', () => {
  it('that never had trouble, or is well again, is called', () => {
    expect(admissionOf(undefined, NOW)).toEqual({ kind: 'go' });
    expect(admissionOf(row({}), NOW)).toEqual({ kind: 'go' });
  });

  it.each([
    ['open', 20_000, { kind: 'wait', ms: 20_000, isStopped: false, code: 'circuit_open' }],
    ['open', 0, { kind: 'probe' }],
    ['half_open', 60_000, { kind: 'wait', ms: 1_000, code: 'circuit_open' }],
    ['half_open', -1, { kind: 'probe' }],
    ['stopped', 600_000, { kind: 'wait', ms: 600_000, isStopped: true, code: 'account_stopped' }],
    ['stopped', -1, { kind: 'probe' }],
  ] as const)('that is %s for another %d ms', (state, ms, admission) => {
    expect(admissionOf(row({ state, until_ms: NOW + ms, code: '40013', words: 'appid' }), NOW)).toMatchObject(
      admission,
    );
  });

  it('says why it is not called, in the provider’s words', () => {
    const stopped = row({ state: 'stopped', until_ms: NOW + 1, code: '40013', words: 'invalid appid' });
    expect(admissionOf(stopped, NOW)).toMatchObject({ words: expect.stringContaining('40013 invalid appid') });
  });

  it('that is out of quota waits until it reopens, and is not even probed before', () => {
    const parked = { parked_until_ms: NOW + 3_600_000, parked_reason: 'quota_day' };
    const wait = { kind: 'wait', ms: 3_600_000, isStopped: false, code: 'quota_day' };
    expect(admissionOf(row(parked), NOW)).toMatchObject(wait);
    expect(admissionOf(row({ ...parked, state: 'open', until_ms: NOW - 1 }), NOW)).toMatchObject(wait);
    expect(admissionOf(row({ ...parked, parked_until_ms: NOW - 1 }), NOW)).toEqual({ kind: 'go' });
  });
});
