import { describe, expect, it } from '@jest/globals';
import { AppError, type ImSendBatchAnswer, type ImSendBatchV1 } from '#contracts';
import { AppLogger } from '#platform';
import type { AskImService } from './ask-im.service.js';
import { SendBatchService } from './send-batch.service.js';

const NOT_SENT = '发送失败，请稍后重试！';
const AWAY = new AppError('AWAY', 'transient', 'nobody is there');
const uids = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, k) => `u${from + k}`);

/** Answers requests one after the other: with whom they failed to reach, or not at all. */
const sending = (...answers: (string[] | Error)[]) => {
  const asked: ImSendBatchV1[] = [];
  const sendBatch = (batch: ImSendBatchV1): Promise<ImSendBatchAnswer> => {
    const answer = answers[asked.push(batch) - 1] ?? [];
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ failUids: answer, reasons: answer.map((uid) => `why ${uid}`) });
  };
  const service = new SendBatchService({ sendBatch } as AskImService, new AppLogger({ level: 'silent' }));
  const send = (given: string[], unusable: Record<string, string> = {}): Promise<ImSendBatchAnswer> => {
    const subscribers = given.filter((uid) => !(uid in unusable));
    const batch = { flags: 0, fromUid: 'a', payload: 'eA==', subscribers };
    return service.send({ batch, subscribers: given, unusable: new Map(Object.entries(unusable)) });
  };
  return { asked, send };
};

describe('a batch of several requests', () => {
  it('is answered as one, with everybody who was not reached in his place', async () => {
    const { asked, send } = sending(['u1'], ['u10000', 'u10002']);
    expect(await send(['bad', ...uids(0, 10_001), 'bad', ...uids(10_001, 10_003)], { bad: 'no uid' })).toEqual({
      failUids: ['bad', 'u1', 'u10000', 'bad', 'u10002'],
      reasons: ['no uid', 'why u1', 'why u10000', 'no uid', 'why u10002'],
    });
    expect(asked.map(({ subscribers }) => subscribers.length)).toEqual([10_000, 3]);
  });

  it('names everybody who is left when one fails, and tries no further', async () => {
    const { asked, send } = sending(['u7'], AWAY);
    const { failUids, reasons } = await send(uids(0, 30_000));
    expect(failUids).toEqual(['u7', ...uids(10_000, 30_000)]);
    expect([reasons.length, reasons[0], reasons[1], reasons.at(-1)]).toEqual([20_001, 'why u7', NOT_SENT, NOT_SENT]);
    expect(asked).toHaveLength(2);
  });

  it('fails as a whole when the first one does: nothing is known to have been sent', async () => {
    await expect(sending(AWAY).send(uids(0, 20_000))).rejects.toBe(AWAY);
  });
});

it('asks nobody where nobody can be sent to', async () => {
  const { asked, send } = sending();
  expect(await send(['bad'], { bad: 'no uid' })).toEqual({ failUids: ['bad'], reasons: ['no uid'] });
  expect(asked).toEqual([]);
});
