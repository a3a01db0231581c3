import { describe, expect, it } from '@jest/globals';
import { addressesProblem, paramsProblem, toParams, usersProblem } from './send-checks.js';

describe('what a send call may hold', () => {
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
