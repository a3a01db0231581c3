import { describe, expect, it } from '@jest/globals';
import { findUserId } from './claims.js';

describe('findUserId', () => {
  const claims = { sub: 'f:1', preferred_username: 'zhang', employee: 10023, flag: true, empty: '', bad: 'a\u0000b' };

  it.each([
    [['preferred_username', 'sub'], 'zhang'],
    [['email', 'sub'], 'f:1'],
    [['employee'], '10023'],
    [['empty', 'sub'], 'f:1'],
    [['bad'], null],
    [['flag'], null],
    [['email'], null],
    [['constructor'], null],
    [[], null],
  ])('of %j is %s', (names, userId) => {
    expect(findUserId(claims, names)).toBe(userId);
  });

  it('is never longer than a user id may be', () => {
    expect(findUserId({ sub: 'x'.repeat(512) }, ['sub'])).toHaveLength(512);
    expect(findUserId({ sub: 'x'.repeat(513) }, ['sub'])).toBeNull();
  });
});
