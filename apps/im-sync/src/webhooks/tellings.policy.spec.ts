import { describe, expect, it } from '@jest/globals';
import type { ImDelivery, ImMessage } from '#contracts';
import { tellingsOf } from './tellings.policy.js';

const delivery = (message: Partial<ImMessage>): ImDelivery => ({
  message: {
    noPersist: false,
    redDot: true,
    syncOnce: false,
    setting: 0,
    messageId: '2124407938020802560',
    clientMsgNo: 'c',
    streamNo: '',
    streamSeq: 0,
    messageSeq: 1,
    fromUid: 'a',
    channelId: 'g',
    channelType: 2,
    topic: '',
    expire: 0,
    timestamp: 1795333296,
    payload: 'e30=',
    ...message,
  },
  isQueued: false,
  channelKey: 7,
  recipients: null,
  origin: null,
});

const WEBHOOK = { hasWebhook: true, wantsPush: false };
const PUSH = { hasWebhook: false, wantsPush: true };

describe('what the webhook is told', () => {
  it.each([
    ['a stored message', {}, [['msg.notify', true]]],
    ['a command', { syncOnce: true }, [['msg.notify', true]]],
    ['what only those get who are online', { noPersist: true }, [['msg.notify', false]]],
    ['that somebody is typing', { noPersist: true, syncOnce: true }, []],
    ['a piece of a stream', { streamNo: 's', streamSeq: 2 }, [['msg.notify', false]]],
  ])('of %s', (_, message, told) => {
    expect(tellingsOf([delivery(message)], WEBHOOK).map(({ event, wantsOffline }) => [event, wantsOffline])).toEqual(
      told,
    );
  });

  it('as the door shows it, with the id as it is', () => {
    const [telling] = tellingsOf([delivery({})], WEBHOOK);
    expect(telling?.body).toContain('"message_id":2124407938020802560,"message_idstr":"2124407938020802560"');
    expect(telling).toMatchObject({ fromUid: 'a', channelKey: 7, uids: null });
  });
});

describe('what the phones of people who are offline show', () => {
  const payload = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64');
  const shown = (message: Partial<ImMessage>): (string | null)[] =>
    tellingsOf([delivery(message)], PUSH).map(({ event, wantsOffline, pushText }) => {
      expect([event, wantsOffline]).toEqual([null, false]);
      return pushText;
    });

  it.each<[string, unknown, string]>([
    ['a text', { type: 1, content: ' 你好 ' }, '你好'],
    ['a long text', { type: 1, content: '𝒂'.repeat(300) }, '𝒂'.repeat(200)],
    ['half a character', { type: 1, content: 'a\ud800' }, 'a\ufffd'],
    ['an empty text', { type: 1, content: '  ' }, '您收到一条新消息'],
    ['an image', { type: 2, url: 'x' }, '您收到一条新消息'],
    ['no object', 'x', '您收到一条新消息'],
    ['nothing', null, '您收到一条新消息'],
  ])('of %s', (_, content, text) => {
    expect(shown({ payload: payload(content) })).toEqual([text]);
  });

  it('of what is no JSON', () => {
    expect(shown({ payload: '////' })).toEqual(['您收到一条新消息']);
  });

  it.each<[string, Partial<ImMessage>]>([
    ['has no red dot', { redDot: false }],
    ['is a command', { syncOnce: true }],
    ['is not kept', { noPersist: true }],
    ['is a piece of a stream', { streamSeq: 1 }],
  ])('nothing, where it %s', (_, message) => {
    expect(shown(message)).toEqual([]);
  });
});
