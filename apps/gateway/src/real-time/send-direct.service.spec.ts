import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AppError, MAX_DIRECT_ADDRESSES, RPC, SendDirectV1, type DirectOutcome } from '#contracts';
import { InProcessTransport } from '#messaging';
import { SendDirectService } from './send-direct.service.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

type Answer = (addresses: readonly string[]) => Promise<DirectOutcome[]>;

const content = { title: 't', text: 't', url: 'https://e.test/' };
const all =
  (outcome: DirectOutcome): Answer =>
  (addresses) =>
    Promise.resolve(addresses.map(() => outcome));
const silence: Answer = () => new Promise(() => undefined);
const away: Answer = () => Promise.reject(new AppError('database_away', 'transient', 'not now'));

/** The worker answers its requests as told, one after the other. */
async function sendTo(count: number, ...answers: Answer[]): Promise<DirectOutcome[]> {
  const noLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const bus = new InProcessTransport({
    queues: [],
    logger: noLogger,
    dispositionOf: () => 'park',
    jitterMs: (ms) => ms,
    publishDeadlineMs: 1000,
    retryDelayMs: 1000,
    drainDeadlineMs: 1000,
    failpoint: () => undefined,
    queueBound: 10,
  });
  const answer = async (request: object): Promise<object> => {
    const next = answers.shift() ?? silence;
    return { outcomes: await next((request as SendDirectV1).addresses) };
  };
  await bus.listen([], [{ pattern: RPC.sendDirect('wecom'), contract: SendDirectV1, prefetch: 1, answer }]);
  const addresses = Array.from({ length: count }, (_, i) => `user${i}`);
  const sending = new SendDirectService(bus).send('wecom', addresses, content);
  sending.catch(() => undefined); // looked at below
  await jest.advanceTimersByTimeAsync(14_000);
  return sending;
}
const classes = (outcomes: readonly DirectOutcome[]): string => outcomes.map((outcome) => outcome.class).join(' ');
const ok: DirectOutcome = { class: 'ok' };
const refused: DirectOutcome = { class: 'bad_recipient', code: '81013' };

describe('sending to people whose sender waits', () => {
  it('has an end that nobody knows where the worker does not answer in time', async () => {
    expect(classes(await sendTo(2, silence))).toBe('unknown_outcome unknown_outcome');
  });

  it.each([
    ['is silent', silence, ['ok', 'unknown_outcome']],
    ['cannot send the rest', away, ['ok']],
  ])('tells what went out before the worker %s', async (_title, second, expected) => {
    const outcomes = await sendTo(MAX_DIRECT_ADDRESSES + 1, all(ok), second);
    expect([...new Set(outcomes.map((outcome) => outcome.class))]).toEqual(expected);
    expect(outcomes.filter((outcome) => outcome.class === 'ok')).toHaveLength(MAX_DIRECT_ADDRESSES);
  });

  it('tells what may have gone out before the worker cannot send the rest', async () => {
    const outcomes = await sendTo(MAX_DIRECT_ADDRESSES + 1, all({ class: 'unknown_outcome' }), away);
    expect(outcomes).toHaveLength(MAX_DIRECT_ADDRESSES);
  });

  it('fails where nothing went out, so that it may be sent again', async () => {
    await expect(sendTo(1, away)).rejects.toMatchObject({ code: 'database_away' });
    await expect(sendTo(MAX_DIRECT_ADDRESSES + 1, all(refused), away)).rejects.toMatchObject({ kind: 'transient' });
  });
});
