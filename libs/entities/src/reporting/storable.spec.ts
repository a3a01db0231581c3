import { describe, expect, it } from '@jest/globals';
import { storableText, storableTime } from './storable.js';

describe('what providers send', () => {
  it('is stored without what the database refuses, and otherwise as it is', () => {
    expect(storableText('a\0b\ud83dc\udc00')).toBe('abc');
    expect(storableText('回复 TD 😀')).toBe('回复 TD 😀');
  });

  it('keeps its time where a clock can have meant it', () => {
    const at = new Date(Date.now() - 3600_000);
    expect(storableTime(at)).toBe(at.toISOString());
    expect(storableTime(undefined)).toBeNull();
    expect(storableTime(new Date('nonsense'))).toBeNull();
    expect(storableTime(new Date(0))).toBeNull();
    expect(storableTime(new Date(8.64e15))).toBeNull();
  });
});
