import { describe, expect, it } from '@jest/globals';
import { ArrayMaxSize, IsInt } from 'class-validator';
import { AppError, DeliverySettledV1, ERROR_KINDS, MessageAcceptedV1 } from '#contracts';
import { dispositionOf } from '#platform';
import { readPayload } from './contract.js';
import { FIRST_TRY, MAX_ATTEMPTS, MAX_WAITS, judge, type Tries, type Verdict } from './verdict.js';

class Batch {
  @ArrayMaxSize(3)
  @IsInt({ each: true })
  ids!: number[];
}

const body = Buffer.from('{"ids":[1,2]}');
const logged: [object, string][] = [];
const log = (fields: object, message: string): void => void logged.push([fields, message]);
const options = {
  logger: { info: log, warn: log, error: log },
  dispositionOf,
  jitterMs: (ms: number): number => ms,
  retryDelayMs: 200,
};
const judged = (handle: () => Promise<unknown>, tries: Partial<Tries> = {}, content = body): Promise<Verdict> =>
  judge({ queue: 'q', contract: Batch, prefetch: 1, handle }, content, { ...FIRST_TRY, ...tries }, options);

describe('verdict on a delivery', () => {
  it('acknowledges what was handled', async () => {
    await expect(judged(() => Promise.resolve('anything'))).resolves.toEqual({ kind: 'ack' });
  });

  it('retries with growing, bounded pauses, and parks after the last attempt', async () => {
    const fail = (): Promise<never> => Promise.reject(new Error('secret'));
    const verdicts = await Promise.all([1, 2, 3, 4, 5].map((attempt) => judged(fail, { attempt })));
    expect(verdicts).toEqual([
      { kind: 'retry', tries: { attempt: 2, waits: 0 }, delayMs: 200 },
      { kind: 'retry', tries: { attempt: 3, waits: 0 }, delayMs: 400 },
      { kind: 'retry', tries: { attempt: 4, waits: 0 }, delayMs: 800 },
      { kind: 'retry', tries: { attempt: 5, waits: 0 }, delayMs: 1600 },
      { kind: 'park', reason: `handler: Error in all ${MAX_ATTEMPTS} attempts` },
    ]);
  });

  it.each(ERROR_KINDS)('does with a %s error what its kind says', async (kind) => {
    const verdict = await judged(() => Promise.reject(new AppError('CODE', kind, 'secret')));
    const again = (tries: Tries): Verdict => ({ kind: 'retry', tries, delayMs: 200 });
    const expected: Partial<Record<string, Verdict>> = {
      transient: again({ attempt: 1, waits: 1 }),
      rate_limited: again({ attempt: 2, waits: 0 }),
    };
    expect(verdict).toEqual(expected[kind] ?? { kind: 'park', reason: 'handler: CODE' });
  });

  it('parks no message for what is away: it waits ever longer, up to 5 s, and says so once', async () => {
    logged.length = 0;
    const away = (): Promise<never> => Promise.reject(new AppError('DATABASE_AWAY', 'transient', 'secret'));
    const waits = [0, 1, 4, 5, 1_000];
    const verdicts = await Promise.all(waits.map((n) => judged(away, { attempt: MAX_ATTEMPTS, waits: n })));
    expect(verdicts).toEqual(
      [200, 400, 3_200, 5_000, 5_000].map((delayMs, i) => ({
        kind: 'retry',
        tries: { attempt: MAX_ATTEMPTS, waits: (waits[i] ?? 0) + 1 },
        delayMs,
      })),
    );
    expect(logged).toHaveLength(1);
  });

  it('takes what is still away after a day for the fault of the message', async () => {
    const away = (): Promise<never> => Promise.reject(new AppError('DATABASE_AWAY', 'transient', 'secret'));
    const verdict = (tries: Partial<Tries>): Promise<Verdict> => judged(away, { waits: MAX_WAITS, ...tries });
    expect(await verdict({ attempt: 1 })).toMatchObject({ kind: 'retry', tries: { attempt: 2, waits: MAX_WAITS } });
    expect(await verdict({ attempt: MAX_ATTEMPTS })).toMatchObject({ kind: 'park' });
  });

  it('survives handlers that throw what is no error', async () => {
    await expect(judged(() => Promise.reject(undefined), { attempt: MAX_ATTEMPTS })).resolves.toMatchObject({
      kind: 'park',
    });
  });

  it('keeps reasons short and free of payload', async () => {
    const ids = Array.from({ length: 500 }, () => 'canary');
    const verdict = await judged(() => Promise.resolve(), {}, Buffer.from(JSON.stringify({ ids })));
    expect(verdict).toMatchObject({ kind: 'park' });
    const reason = 'reason' in verdict ? verdict.reason : '';
    expect(reason).toContain('ids: arrayMaxSize');
    expect(reason.length).toBeLessThanOrEqual(200);
    expect(JSON.stringify(logged)).not.toContain('canary');
  });
});

describe('reading a payload', () => {
  it('takes a doorbell that has no fields', () => {
    const reading = readPayload(Buffer.from('{"extra":1}'), DeliverySettledV1);
    expect(reading).toEqual({ ok: true, payload: {} });
    expect(reading.ok && reading.payload).toBeInstanceOf(DeliverySettledV1);
  });

  it('cannot be talked into another prototype', () => {
    const reading = readPayload(Buffer.from('{"ids":[1],"__proto__":{"polluted":true},"constructor":{"x":1}}'), Batch);
    expect(reading).toMatchObject({ ok: true });
    expect(reading.ok && reading.payload).toBeInstanceOf(Batch);
    expect(reading.ok && 'polluted' in reading.payload).toBe(false);
  });

  it('names the field and the rule', () => {
    expect(readPayload(Buffer.from('{"messageIds":["x"]}'), MessageAcceptedV1)).toEqual({
      ok: false,
      reason: 'schema: messageIds: isUuid',
    });
  });
});
