import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SharedRequest } from './shared-request.js';

const MEBIBYTE = 1024 * 1024;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Requests that are answered when the test says so. */
function scripted(bytesOf: (item: string) => number = () => 10) {
  const asked: { items: string[]; timeoutMs: number; answer(): void; fail(): void }[] = [];
  const shared = new SharedRequest<string, string>({
    pattern: 'test',
    maxBatch: 500,
    withinMs: 1_000,
    bytesOf,
    ask: (items, timeoutMs) =>
      new Promise((resolve, reject) => {
        const answer = (): void => resolve(items.map((item) => item.toUpperCase()));
        asked.push({ items, timeoutMs, answer, fail: () => reject(new Error('lost')) });
      }),
  });
  return { asked, shared };
}

const settled = (): Promise<unknown> => jest.advanceTimersByTimeAsync(0);

describe('SharedRequest', () => {
  /** Two requests are under way: whatever comes now waits. */
  async function busy({ shared }: ReturnType<typeof scripted>): Promise<Promise<string>[]> {
    const answers: Promise<string>[] = [];
    for (const item of ['a', 'b']) {
      answers.push(shared.add(item).catch((error: Error) => error.name));
      await settled();
    }
    return answers;
  }

  it('lets those that wait travel together while two requests are under way', async () => {
    const peer = scripted();
    const { asked, shared } = peer;
    const first = await busy(peer);
    const others = Promise.all([shared.add('c'), shared.add('d')]);
    await settled();
    asked[0]?.answer();
    asked[1]?.answer();
    await settled();
    asked[2]?.answer();
    expect([...(await Promise.all(first)), ...(await others)]).toEqual(['A', 'B', 'C', 'D']);
    expect(asked.map(({ items }) => items)).toEqual([['a'], ['b'], ['c', 'd']]);
  });

  it('answers nobody later than allowed, and does not do afterwards what it said had failed', async () => {
    const peer = scripted();
    const { asked, shared } = peer;
    const first = await busy(peer);
    const late = shared.add('late').catch((error: Error) => error.name);
    await jest.advanceTimersByTimeAsync(500);
    const last = shared.add('c');
    await jest.advanceTimersByTimeAsync(500);
    expect(await Promise.all([...first, late])).toEqual(['RpcTimeoutError', 'RpcTimeoutError', 'RpcTimeoutError']);
    asked[0]?.answer();
    await settled();
    expect([asked[2]?.items, asked[2]?.timeoutMs]).toEqual([['c'], 500]);
    asked[2]?.answer();
    expect(await last).toBe('C');
  });

  it('splits what would not fit into one message, and a part that fails takes no other with it', async () => {
    const { asked, shared } = scripted(() => MEBIBYTE / 8);
    const answers = Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((item) => shared.add(item)));
    await settled();
    expect(asked.map(({ items }) => items)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
    asked[0]?.fail();
    asked[1]?.answer();
    expect((await answers).map(({ status }) => status)).toEqual([
      ...['rejected', 'rejected', 'rejected'],
      ...['fulfilled', 'fulfilled'],
    ]);
  });
});
