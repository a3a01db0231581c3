import { describe, expect, it } from '@jest/globals';
import { addressesProblem, instantProblem, paramsProblem, toParams, usersProblem } from './send-checks.js';

describe('what a send call may hold', () => {
  it.each([
    '2026-03-01T08:00:00+08:00',
    '2026-03-01T00:00:00Z',
    '2026-03-01T00:00Z',
    '2026-03-01T00:00:00.123456+0800',
  ])('takes the time %s', (time) => {
    expect(instantProblem(time)).toBeNull();
  });

  it.each(['2026-03-01', '2026-03-01T08:00:00', '2026-02-30T25:00:00Z', 'now', 1772323200000, null])(
    'refuses the time %j',
    (time) => {
      expect(instantProblem(time)).toMatch(/ISO 8601/);
    },
  );

  it('takes numbers and booleans as texts', () => {
    expect(paramsProblem({ n: 1, yes: true, t: 'x' })).toBeNull();
    expect(toParams({ n: 1, yes: true, t: 'x' })).toEqual({ n: '1', yes: 'true', t: 'x' });
  });

  it.each([[[]], ['x'], [{ a: null }], [{ a: [] }], [{ '': 'x' }], [{ a: 'x'.repeat(20_001) }]])(
    'refuses the params %j',
    (params) => {
      expect(paramsProblem(params)).not.toBeNull();
    },
  );

  it('names the entry that is wrong', () => {
    expect(usersProblem(['u1', { userId: 'u2', params: { a: {} } }])).toBe('[1].params.a must be a text');
    expect(usersProblem(['u1', ''])).toBe('[1] must be a user id');
    expect(addressesProblem([{ channel: 'fax', address: 'x' }])).toMatch(/^\[0\]\.channel/);
  });

  it('bounds the number of entries', () => {
    expect(usersProblem(Array.from({ length: 100_001 }, () => 'u'))).toMatch(/100000/);
  });
});
