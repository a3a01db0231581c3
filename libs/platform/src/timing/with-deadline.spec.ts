import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { withDeadline } from './with-deadline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Holds nothing but the promise, as a caller does who awaits. */
const ofAbort = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve((signal.reason as Error).name), { once: true }),
  );

describe('withDeadline', () => {
  it('aborts when the time is over, whatever the garbage collector does meanwhile', async () => {
    const never = new AbortController();
    const aborts = Array.from({ length: 20 }, () => ofAbort(withDeadline(never.signal, 100)));
    for (let i = 0; i < 4; i++) {
      await sleep(10);
      collectGarbage();
    }
    expect(await Promise.all(aborts)).toEqual(Array.from({ length: 20 }, () => 'TimeoutError'));
  });

  it('aborts with the signal, and for its reason', async () => {
    const controller = new AbortController();
    const aborted = ofAbort(withDeadline(controller.signal, 60_000));
    controller.abort();
    expect(await aborted).toBe('AbortError');
    expect(withDeadline(controller.signal, 60_000).aborted).toBe(true);
  });
});
