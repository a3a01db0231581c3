import { describe, expect, it } from '@jest/globals';
import { askAgainInMs } from './ask-again.policy.js';

describe('asking a provider again', () => {
  it('happens ever more rarely, at last every two hours', () => {
    const expected = [5, 15, 60, 60, 300, 1800, 7200, 7200];
    expected.forEach((seconds, index) => {
      expect(askAgainInMs(index + 1)).toBeGreaterThanOrEqual(seconds * 900);
      expect(askAgainInMs(index + 1)).toBeLessThanOrEqual(seconds * 1100);
    });
  });
});
