import { describe, expect, it, jest } from '@jest/globals';
import { failpoint } from './failpoint.js';
import { Failpoints } from './failpoints.js';

/** Passes of `name` until it crashes, or `null` within the limit. */
const passesUntilCrash = (specification: string, name: string, limit = 1_000) => {
  const crash = jest.fn();
  const failpoints = new Failpoints(specification, crash);
  for (let i = 0; i < limit; i += 1) {
    failpoints.pass(name);
    if (crash.mock.calls.length > 0) return i;
  }
  return null;
};

describe('failpoint', () => {
  it('does nothing while FAILPOINTS is not set', () => {
    expect(() => failpoint('any')).not.toThrow();
  });

  it('crashes at the named step only', () => {
    expect(passesUntilCrash('after-commit:1:7', 'after-commit')).toBe(0);
    expect(passesUntilCrash('after-commit:1:7', 'before-commit')).toBeNull();
    expect(passesUntilCrash('a:0:1,b:1:1', 'a')).toBeNull();
    expect(passesUntilCrash('a:0:1,b:1:1', 'b')).toBe(0);
  });

  it('lets the first passes through when told to skip', () => {
    expect(passesUntilCrash('a:1:7:25', 'a')).toBe(25);
  });

  it('crashes at the same pass for the same seed, at others for others', () => {
    const runs = Array.from({ length: 20 }, (_, seed) => passesUntilCrash(`a:0.05:${seed}`, 'a'));
    expect(runs).toEqual(Array.from({ length: 20 }, (_, seed) => passesUntilCrash(`a:0.05:${seed}`, 'a')));
    expect(new Set(runs).size).toBeGreaterThan(10);
  });

  it('crashes about as often as its probability says', () => {
    const crash = jest.fn();
    const failpoints = new Failpoints('a:0.2:42', crash);
    for (let i = 0; i < 10_000; i += 1) failpoints.pass('a');
    expect(crash.mock.calls.length).toBeGreaterThan(1_850);
    expect(crash.mock.calls.length).toBeLessThan(2_150);
  });

  it.each(['', 'a', 'a:1', 'a:2:1', 'a:x:1', 'a:0.5:-1', 'a:1:1:x', 'a:1:1,', 'a:1:1:1:1'])(
    'refuses %p',
    (specification) => {
      expect(() => new Failpoints(specification, () => undefined)).toThrow(
        expect.objectContaining({ code: 'FAILPOINTS_SYNTAX' }),
      );
    },
  );
});
