import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Push } from '../protocol/client-protocol.port.js';
import { Unacknowledged } from './unacknowledged.js';

const MINUTE = 60_000;
const SENT_AT = 1_800_000_000;
const VIEW = { channelId: 'g', messageSeq: 1, redDot: false, dup: false };

const pushOf = (messageId: string, expire = 0): Push => ({
  ...{ messageId, clientMsgNo: '', streamNo: '', streamSeq: 0, setting: 0, fromUid: 'a', channelType: 2, topic: '' },
  ...{ expire, timestamp: SENT_AT, payload: Buffer.from('x'), noPersist: false, syncOnce: false },
});

let waiting: Unacknowledged;
/** What is tried again so long after it was sent, both clocks going alike. */
const dueAfter = (ms: number): string[] =>
  waiting.due(ms, SENT_AT * 1000 + ms).map(({ push: { messageId } }) => messageId);

beforeEach(() => {
  waiting = new Unacknowledged();
});

describe('a message that is not acknowledged', () => {
  it('is tried again every minute, marked as a duplicate, and given up after five times', () => {
    waiting.add(pushOf('1'), VIEW, 0);
    expect(dueAfter(MINUTE - 1)).toEqual([]);
    expect(waiting.due(MINUTE, SENT_AT * 1000)).toMatchObject([{ push: { messageId: '1' }, view: { dup: true } }]);
    for (const minute of [2, 3, 4, 5]) expect(dueAfter(minute * MINUTE)).toEqual(['1']);
    expect([dueAfter(6 * MINUTE), waiting.size]).toEqual([[], 0]);
  });

  it('is not tried again once it is', () => {
    waiting.add(pushOf('1'), VIEW, 0);
    waiting.acknowledge('1');
    expect(dueAfter(MINUTE)).toEqual([]);
  });

  it('is forgotten when it has expired, be it before the first try or between two', () => {
    waiting.add(pushOf('soon', 5), VIEW, 0);
    waiting.add(pushOf('now', 60), VIEW, 0);
    waiting.add(pushOf('later', 61), VIEW, 0);
    waiting.add(pushOf('never'), VIEW, 0);
    expect(dueAfter(MINUTE)).toEqual(['later', 'never']);
    expect([dueAfter(2 * MINUTE), waiting.size]).toEqual([['never'], 1]);
  });
});
