import { describe, expect, it } from '@jest/globals';
import { DatabaseAwayError } from '#entities';
import { Patience } from './patience.js';

describe('Patience', () => {
  it('answers what came in time, and throws what failed in time', async () => {
    await expect(new Patience().with(Promise.resolve(1))).resolves.toBe(1);
    await expect(new Patience().with(Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
  });

  it('ends with the database being away, however often it is asked for; what fails later is heard by nobody', async () => {
    const patience = new Patience(10);
    let fail: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_, reject) => (fail = reject));
    await expect(patience.with(late)).rejects.toBeInstanceOf(DatabaseAwayError);
    await expect(patience.with(new Promise(() => undefined))).rejects.toBeInstanceOf(DatabaseAwayError);
    expect(patience.leftMs).toBe(1);
    fail(new Error('the link is gone'));
    await new Promise(setImmediate); // one that is unhandled would fail the test here
  });
});
