import { describe, expect, it } from '@jest/globals';
import { WakeLoop } from './wake-loop.js';

/** A loop whose passes end when the test says so. */
function heldLoop(answers: boolean[] = []) {
  const ends: ((error?: Error) => void)[] = [];
  const errors: unknown[] = [];
  let passes = 0;
  const loop = new WakeLoop({
    pass: () =>
      new Promise((resolve, reject) => {
        passes++;
        ends.push((error) => (error ? reject(error) : resolve(answers.shift() ?? false)));
      }),
    onError: (error) => errors.push(error),
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (error?: Error): Promise<void> => {
    ends.shift()?.(error);
    await turn();
  };
  return { loop, end, turn, errors, passes: () => passes };
}

describe('a loop that is woken', () => {
  it('passes once for one wake', async () => {
    const { loop, end, turn, passes } = heldLoop();
    loop.wake();
    await turn();
    expect(passes()).toBe(1);
    await end();
    expect(passes()).toBe(1);
  });

  it('passes again for a wake that came during a pass, and never two at a time', async () => {
    const { loop, end, turn, passes } = heldLoop();
    loop.wake();
    await turn();
    loop.wake();
    loop.wake();
    await turn();
    expect(passes()).toBe(1);
    await end();
    expect(passes()).toBe(2);
    await end();
    expect(passes()).toBe(2);
  });

  it('goes on while a pass says that there is more', async () => {
    const { loop, end, passes } = heldLoop([true, true, false]);
    loop.wake();
    for (let i = 0; i < 4; i++) await end();
    expect(passes()).toBe(3);
  });

  it('rests after a failure until it is woken again', async () => {
    const { loop, end, turn, errors, passes } = heldLoop();
    loop.wake();
    await turn();
    loop.wake();
    await end(new Error('gone'));
    expect([errors.length, passes()]).toEqual([1, 1]);
    loop.wake();
    await turn();
    expect(passes()).toBe(2);
  });

  it('stops after the pass under way', async () => {
    const { loop, end, turn, passes } = heldLoop([true]);
    loop.wake();
    await turn();
    let isStopped = false;
    const stopping = loop.stop().then(() => (isStopped = true));
    await turn();
    expect(isStopped).toBe(false);
    await end();
    await stopping;
    loop.wake();
    await turn();
    expect(passes()).toBe(1);
  });
});
