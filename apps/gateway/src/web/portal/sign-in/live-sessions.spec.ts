import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PortalSessionRepository } from '#entities';
import { AppLogger } from '#platform';
import { LiveSessions } from './live-sessions.service.js';

const asked: string[][] = [];
const invalid = new Set<string>();
let failure: Error | null = null;
const sessions = {
  valid: (of: string[]) => {
    asked.push(of);
    return failure ? Promise.reject(failure) : Promise.resolve(new Set(of.filter((one) => !invalid.has(one))));
  },
} as unknown as PortalSessionRepository;

let live: LiveSessions;
beforeEach(() => {
  jest.useFakeTimers();
  asked.length = 0;
  invalid.clear();
  failure = null;
  live = new LiveSessions(sessions, new AppLogger({ level: 'silent' }));
});
afterEach(async () => {
  await live.beforeApplicationShutdown();
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const over: string[] = [];
beforeEach(() => void (over.length = 0));
const watch = (session: string, name = session): (() => void) => live.watch(session, () => void over.push(name));

describe('LiveSessions', () => {
  it('tells all that is open by a sign-in, and nothing else, when it ends here', () => {
    for (const name of ['li 1', 'li 2']) watch('li', name);
    watch('wang');
    live.end('li');
    live.end('li');
    expect(over).toEqual(['li 1', 'li 2']);
  });

  it('hears within half a minute of those that ended otherwise', async () => {
    watch('li');
    watch('wang');
    await pass(30_000);
    expect(over).toEqual([]);
    invalid.add('li');
    await pass(30_000);
    expect(over).toEqual(['li']);
  });

  it('asks once for all of them, each once however much is open by it', async () => {
    for (let i = 0; i < 1000; i++) watch(`s${i}`);
    watch('s1', 'again');
    await pass(30_000);
    expect(asked.map((of) => of.length)).toEqual([1000]);
  });

  it('asks for none that has nothing open any more, and then for nothing at all', async () => {
    const leaves = [watch('li'), watch('wang')];
    leaves[0]?.();
    await pass(30_000);
    leaves[1]?.();
    await pass(90_000);
    expect(asked).toEqual([['wang']]);
    watch('li');
    await pass(30_000);
    expect(asked).toHaveLength(2);
  });

  it('ends nothing while the database is away, and looks again', async () => {
    watch('li');
    invalid.add('li');
    failure = new Error('gone');
    await pass(30_000);
    expect(over).toEqual([]);
    failure = null;
    await pass(30_000);
    expect(over).toEqual(['li']);
  });
});
