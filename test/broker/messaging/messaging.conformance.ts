import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { IsInt } from 'class-validator';
import { AppError, deadLetterQueueOf } from '#contracts';
import {
  MAX_ATTEMPTS,
  PayloadRefusedError,
  PublishTimeoutError,
  RpcTimeoutError,
  RpcUnavailableError,
  UnroutableError,
  type Answerer,
  type Consumer,
  type Hearer,
  type Transport,
  type TransportOptions,
} from '#messaging';
import { dispositionOf, jitterMs } from '#platform';
import { eventually, gate } from './eventually.js';

/** Payload of every test: a number to tell messages apart. */
export class Note {
  @IsInt()
  n!: number;
}

export const TEST_QUEUES = ['one', 'two', 'three'].map((name) => `conformance.${name}`);
const [QUEUE = '', OTHER = '', THIRD = ''] = TEST_QUEUES;
const DEAD = deadLetterQueueOf(QUEUE);

/** Options of every transport under test: short pauses, so that five attempts take a moment. */
export const testOptions = (): TransportOptions => ({
  queues: TEST_QUEUES,
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  dispositionOf,
  jitterMs,
  publishDeadlineMs: 1_500,
  retryDelayMs: 10,
  drainDeadlineMs: 1_000,
  failpoint: () => undefined,
});

/** What a transport's suite provides. */
export interface ConformanceBench {
  /** A connected transport, as a process of its own would have it; queues and dead-letter queues are empty. */
  open(): Promise<Transport>;
  /** Takes what was parked from a queue. */
  dead(queue: string): Promise<{ reason: string; content: Buffer }[]>;
  /** Brings about that a publication to the queue is taken by nobody until further notice. */
  silence(transport: Transport, queue: string): Promise<void>;
  close(): Promise<void>;
}

export const consumer = (queue: string, handle: (note: Note) => Promise<unknown>, prefetch = 10): Consumer => ({
  queue,
  contract: Note,
  prefetch,
  handle: (payload) => handle(payload as Note),
});

export const answerer = (pattern: string, answer: (note: Note) => Promise<unknown>): Answerer => ({
  pattern,
  contract: Note,
  prefetch: 10,
  answer: (payload) => answer(payload as Note),
});

export const hearer = (topic: string, hear: (note: Note) => Promise<unknown>): Hearer => ({
  topic,
  contract: Note,
  hear: (payload) => hear(payload as Note),
});

/** The promises every transport keeps. */
export function describeTransport(name: string, createBench: () => Promise<ConformanceBench>): void {
  describe(`${name}: promises of a transport`, () => {
    let bench: ConformanceBench;
    let transport: Transport;
    const parked = async (): Promise<{ reason: string; content: Buffer }[]> => {
      await eventually(
        () => transport.depth(DEAD),
        (depth) => depth === 1,
      );
      return bench.dead(QUEUE);
    };
    const open = async (): Promise<Transport> => (transport = await bench.open());
    beforeAll(async () => {
      bench = await createBench();
    });
    afterEach(async () => {
      await transport.stopListening();
      await transport.close();
    });
    afterAll(() => bench.close());

    it('hands every published message to the handler, as an instance of its contract', async () => {
      await open();
      const seen: Note[] = [];
      await transport.listen([consumer(QUEUE, (note) => Promise.resolve(seen.push(note)))], []);
      await Promise.all(Array.from({ length: 700 }, (_, n) => transport.publish(QUEUE, { n })));
      await eventually(
        () => seen.length,
        (length) => length >= 700,
      );
      expect(new Set(seen.map(({ n }) => n)).size).toBe(700);
      expect(seen[0]).toBeInstanceOf(Note);
      await eventually(
        () => transport.depth(QUEUE),
        (depth) => depth === 0,
      );
    });

    it('drops fields the contract does not know', async () => {
      await open();
      const seen: Note[] = [];
      await transport.listen([consumer(QUEUE, (note) => Promise.resolve(seen.push(note)))], []);
      await transport.publish(QUEUE, { n: 1, secret: 'x' });
      await eventually(
        () => seen,
        ({ length }) => length === 1,
      );
      expect(seen).toEqual([{ n: 1 }]);
    });

    it('keeps what is published while nobody handles the queue', async () => {
      await open();
      await transport.publish(QUEUE, { n: 1 });
      await transport.publish(QUEUE, { n: 2 });
      await eventually(
        () => transport.depth(QUEUE),
        (depth) => depth === 2,
      );
      const seen: number[] = [];
      await transport.listen([consumer(QUEUE, ({ n }) => Promise.resolve(seen.push(n)))], []);
      await eventually(
        () => seen,
        ({ length }) => length === 2,
      );
      expect(seen).toEqual([1, 2]);
    });

    it('runs no more handlers at a time than prefetch', async () => {
      await open();
      const { opened, open: release } = gate();
      let running = 0;
      let most = 0;
      let done = 0;
      const handle = async (): Promise<void> => {
        most = Math.max(most, ++running);
        await opened;
        running -= 1;
        done += 1;
      };
      await transport.listen([consumer(QUEUE, handle, 3)], []);
      await Promise.all(Array.from({ length: 12 }, (_, n) => transport.publish(QUEUE, { n })));
      await eventually(
        () => running,
        (count) => count === 3,
      );
      expect(await transport.depth(QUEUE)).toBe(9);
      release();
      await eventually(
        () => done,
        (count) => count === 12,
      );
      expect(most).toBe(3);
    });

    it('calls a failing handler five times, then parks the message with the code of the error', async () => {
      await open();
      let calls = 0;
      const fail = (): Promise<void> => {
        calls += 1;
        throw new AppError('TOO_MUCH', 'rate_limited', 'secret text');
      };
      await transport.listen([consumer(QUEUE, fail)], []);
      await transport.publish(QUEUE, { n: 5 });
      const [dead] = await parked();
      expect(calls).toBe(MAX_ATTEMPTS);
      expect(dead?.reason).toContain('TOO_MUCH');
      expect(dead?.reason).not.toContain('secret');
      expect(JSON.parse(String(dead?.content))).toEqual({ n: 5 });
      expect(await transport.depth(QUEUE)).toBe(0);
    });

    it('parks nothing because something is away, however many calls that takes, and poison all the same', async () => {
      await open();
      const calls = new Map<number, number>();
      const handle = ({ n }: Note): Promise<void> => {
        calls.set(n, (calls.get(n) ?? 0) + 1);
        if (n === 0) return Promise.reject(new TypeError('poison'));
        const isBack = (calls.get(n) ?? 0) > MAX_ATTEMPTS + 1;
        return isBack ? Promise.resolve() : Promise.reject(new AppError('DATABASE_AWAY', 'transient', 'away'));
      };
      await transport.listen([consumer(QUEUE, handle)], []);
      for (const n of [0, 1, 2]) await transport.publish(QUEUE, { n });
      await eventually(
        () => [1, 2].map((n) => calls.get(n)),
        (counts) => counts.every((count) => count === MAX_ATTEMPTS + 2),
      );
      expect((await parked()).map(({ content }) => JSON.parse(String(content)))).toEqual([{ n: 0 }]);
      await transport.stopListening();
      expect(await transport.depth(QUEUE)).toBe(0);
    });

    it('puts back at shutdown what waits, without waiting for it', async () => {
      await open();
      let calls = 0;
      const away = (): Promise<void> => {
        calls += 1;
        return Promise.reject(new AppError('DATABASE_AWAY', 'transient', 'away'));
      };
      await transport.listen([consumer(QUEUE, away)], []);
      await transport.publish(QUEUE, { n: 1 });
      await eventually(
        () => calls,
        (count) => count > 2,
      );
      await transport.stopListening();
      await eventually(
        () => transport.depth(QUEUE),
        (depth) => depth === 1,
      );
      expect(await transport.depth(DEAD)).toBe(0);
    });

    it('lets other messages pass while one fails, and forgets failures that end in success', async () => {
      await open();
      const calls = new Map<number, number>();
      const handle = ({ n }: Note): Promise<void> => {
        calls.set(n, (calls.get(n) ?? 0) + 1);
        return n === 0 && calls.get(0) !== 3 ? Promise.reject(new TypeError('boom')) : Promise.resolve();
      };
      await transport.listen([consumer(QUEUE, handle, 2)], []);
      await Promise.all([0, 1, 2, 3].map((n) => transport.publish(QUEUE, { n })));
      await eventually(
        () => [...calls.entries()].sort(),
        (seen) => JSON.stringify(seen) === '[[0,3],[1,1],[2,1],[3,1]]',
      );
      await eventually(
        () => transport.depth(QUEUE),
        (depth) => depth === 0,
      );
      expect(await transport.depth(DEAD)).toBe(0);
    });

    it.each(['invalid', 'permanent', 'bug'] as const)('parks at once what fails as %s', async (kind) => {
      await open();
      let calls = 0;
      const fail = (): Promise<void> => {
        calls += 1;
        return Promise.reject(new AppError('NO_USE', kind, 'never works'));
      };
      await transport.listen([consumer(QUEUE, fail)], []);
      await transport.publish(QUEUE, { n: 1 });
      await parked();
      expect(calls).toBe(1);
    });

    it('parks what breaks its contract without calling the handler, naming the field and not the value', async () => {
      await open();
      const seen: number[] = [];
      await transport.listen([consumer(QUEUE, ({ n }) => Promise.resolve(seen.push(n)))], []);
      await transport.publish(QUEUE, { n: 'canary' });
      await transport.publish(QUEUE, { n: 2 });
      const [dead] = await parked();
      expect(dead?.reason).toBe('schema: n: isInt');
      await eventually(
        () => seen.length,
        (length) => length > 0,
      );
      expect(seen).toEqual([2]);
    });

    it('waits at shutdown for the handler that runs, which may still publish, and hands its message out once', async () => {
      await open();
      const { opened, open: release } = gate();
      let calls = 0;
      const handle = async ({ n }: Note): Promise<void> => {
        calls += 1;
        await opened;
        await transport.publish(THIRD, { n });
      };
      await transport.listen([consumer(OTHER, handle, 1)], []);
      await transport.publish(OTHER, { n: 1 });
      await eventually(
        () => calls,
        (count) => count === 1,
      );
      const stopped = transport.stopListening();
      let isStopped = false;
      void stopped.then(() => (isStopped = true));
      await transport.publish(OTHER, { n: 2 });
      expect(isStopped).toBe(false);
      release();
      await stopped;
      expect(calls).toBe(1);
      expect(await transport.depth(THIRD)).toBe(1);
      await eventually(
        () => transport.depth(OTHER),
        (depth) => depth === 1, // the second message; the first was acknowledged
      );
    });

    it('gives up at shutdown on a handler that does not end in time', async () => {
      await open();
      const { opened, open: release } = gate();
      let calls = 0;
      const handle = (): Promise<void> => {
        calls += 1;
        return opened;
      };
      await transport.listen([consumer(QUEUE, handle, 1)], []);
      await transport.publish(QUEUE, { n: 1 });
      await eventually(
        () => calls,
        (count) => count === 1,
      );
      const startedAt = performance.now();
      await transport.stopListening();
      expect(performance.now() - startedAt).toBeGreaterThan(900);
      expect(performance.now() - startedAt).toBeLessThan(6_000);
      release();
    });

    it('refuses a message no queue takes', async () => {
      await open();
      await expect(transport.publish('conformance.nowhere', { n: 1 })).rejects.toThrow(UnroutableError);
      await expect(transport.depth('conformance.nowhere')).rejects.toThrow(UnroutableError);
    });

    it('refuses a handler of a queue that is none of the suite', async () => {
      await open();
      const listening = transport.listen([consumer('conformance.nowhere', () => Promise.resolve())], []);
      await expect(listening).rejects.toThrow(UnroutableError);
    });

    it('refuses payloads that are not JSON or larger than 1 MiB', async () => {
      await open();
      await expect(transport.publish(QUEUE, { n: 1n })).rejects.toThrow(PayloadRefusedError);
      await expect(transport.publish(QUEUE, { text: 'x'.repeat(1024 * 1024) })).rejects.toThrow(PayloadRefusedError);
    });

    it('answers a request', async () => {
      await open();
      await transport.listen([], [answerer('conformance.double', ({ n }) => Promise.resolve({ twice: 2 * n }))]);
      await expect(transport.request('conformance.double', { n: 21 }, 5_000)).resolves.toEqual({ twice: 42 });
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => transport.request<{ twice: number }>('conformance.double', { n }, 5_000)),
      );
      expect(answers.map(({ twice }) => twice)).toEqual(Array.from({ length: 50 }, (_, n) => 2 * n));
    });

    it('carries an error of the answerer across with code, kind, message and details, and hides anything else', async () => {
      await open();
      const refuse = ({ n }: Note): Promise<void> => {
        if (n === 0) throw new TypeError('secret text');
        throw new AppError('NO_SUCH_ACCOUNT', 'not_found', 'This account does not exist.', { n });
      };
      await transport.listen([], [answerer('conformance.refuse', refuse)]);
      const refusal = {
        code: 'NO_SUCH_ACCOUNT',
        kind: 'not_found',
        message: 'This account does not exist.',
        details: { n: 7 },
      };
      await expect(transport.request('conformance.refuse', { n: 7 }, 5_000)).rejects.toMatchObject(refusal);
      const failure = await transport.request('conformance.refuse', { n: 0 }, 5_000).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AppError);
      expect(failure).toMatchObject({ code: 'INTERNAL', kind: 'bug' });
      expect(JSON.stringify(failure) + String(failure)).not.toContain('secret');
      await expect(transport.request('conformance.refuse', { n: 'x' }, 5_000)).rejects.toMatchObject({
        kind: 'invalid',
      });
    });

    it('gives up on a request in time, and says at once when nobody listens', async () => {
      await open();
      const { opened, open: release } = gate();
      await transport.listen([], [answerer('conformance.slow', () => opened)]);
      await expect(transport.request('conformance.slow', { n: 1 }, 300)).rejects.toThrow(RpcTimeoutError);
      release();
      const startedAt = performance.now();
      await expect(transport.request('conformance.nobody', { n: 1 }, 10_000)).rejects.toThrow(RpcUnavailableError);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    });

    it('lets the own process hear what is broadcast, in order, whatever came of what it heard before', async () => {
      await open();
      const seen: Note[] = [];
      const hear = (note: Note): Promise<void> => {
        seen.push(note);
        return note.n === 1 ? Promise.reject(new TypeError('boom')) : Promise.resolve();
      };
      await transport.listen([], [], [hearer('conformance.news', hear)]);
      await Promise.all([0, 1, 2, 3].map((n) => transport.broadcast('conformance.news', { n })));
      await transport.broadcast('conformance.news', { n: 'canary' });
      await transport.broadcast('conformance.other', { n: 4 });
      expect(seen).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
      expect(seen[0]).toBeInstanceOf(Note);
    });

    it('refuses to broadcast what is too large', async () => {
      await open();
      const large = { text: 'x'.repeat(1024 * 1024) };
      await expect(transport.broadcast('conformance.news', large)).rejects.toThrow(PayloadRefusedError);
    });

    it('waits at shutdown for what is being heard, and hears nothing afterwards', async () => {
      await open();
      const { opened, open: release } = gate();
      const seen: number[] = [];
      const hear = async ({ n }: Note): Promise<void> => {
        await opened;
        seen.push(n);
      };
      await transport.listen([], [], [hearer('conformance.news', hear)]);
      const first = transport.broadcast('conformance.news', { n: 1 });
      const stopped = transport.stopListening();
      release();
      await Promise.all([first, stopped]);
      await transport.broadcast('conformance.news', { n: 2 });
      expect(seen).toEqual([1]);
    });

    it('is connected and without complaint while all is well', async () => {
      await open();
      await transport.listen([consumer(QUEUE, () => Promise.resolve())], []);
      expect(transport.state()).toEqual({ connected: true, blocked: false });
      await transport.stopListening();
      await transport.close();
      expect(transport.state().connected).toBe(false);
      await expect(transport.publish(QUEUE, { n: 1 })).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    });

    it('gives up on a publication that nobody takes within the deadline', async () => {
      await open();
      await bench.silence(transport, OTHER);
      const startedAt = performance.now();
      await expect(transport.publish(OTHER, { n: 1 })).rejects.toThrow(PublishTimeoutError);
      expect(performance.now() - startedAt).toBeGreaterThan(1_400);
      expect(performance.now() - startedAt).toBeLessThan(4_000);
    });
  });
}
