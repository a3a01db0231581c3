import { afterEach, describe, expect, it } from '@jest/globals';
import { DingtalkRobotFake, type DingtalkRobotFakeOptions } from '../../support/fakes/dingtalk-robot.js';

const NOW = 1_700_000_000_000;
const SECRET = 'SEC1234567890abcdef';
/** Of SECRET at NOW, by Python's hmac. */
const SIGN = 'RqBq3E1RTBDv3n2QBCh4adZ2WHk9mVklyUoDBLxarjI=';

describe('fake of a DingTalk robot', () => {
  let fake: DingtalkRobotFake;
  afterEach(() => fake.close());
  const open = async (options: DingtalkRobotFakeOptions = {}): Promise<void> => {
    fake = await DingtalkRobotFake.open(options);
    fake.now = () => NOW;
  };
  const post = async (query: Record<string, string> = {}, body: object = {}): Promise<{ errcode: number }> => {
    const asked = new URLSearchParams({ access_token: fake.accessToken, ...query });
    const response = await fetch(`${fake.baseUrl}/robot/send?${asked.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ msgtype: 'text', text: { content: 'x' }, ...body }),
    });
    return (await response.json()) as { errcode: number };
  };

  it('takes what is signed within the hour', async () => {
    await open({ signSecret: SECRET });
    expect((await post({ timestamp: String(NOW), sign: SIGN })).errcode).toBe(0);
    expect((await post({ timestamp: String(NOW + 1), sign: SIGN })).errcode).toBe(310000);
    expect((await post()).errcode).toBe(310000);
    fake.now = () => NOW + 3_600_000;
    expect((await post({ timestamp: String(NOW), sign: SIGN })).errcode).toBe(310000);
    expect(fake.posts).toHaveLength(1);
  });

  it.each<[number, string, DingtalkRobotFakeOptions, object]>([
    [310000, 'a text without the keyword', { keyword: '通知' }, {}],
    [0, 'a text with the keyword', { keyword: '通知' }, { text: { content: '通知' } }],
    [40035, 'no text', {}, { text: {} }],
    [40035, 'an unknown type', {}, { msgtype: 'poem' }],
    [460101, '20,000 bytes of text', {}, { text: { content: 'x'.repeat(20_000) } }],
  ])('answers %i to %s', async (expected, _what, options, body) => {
    await open(options);
    expect((await post({}, body)).errcode).toBe(expected);
  });

  it('takes 20 a minute, and after one too many none for ten minutes', async () => {
    await open();
    for (let i = 0; i < 20; i++) expect((await post()).errcode).toBe(0);
    expect((await post()).errcode).toBe(130101);
    fake.now = () => NOW + 599_999;
    expect((await post()).errcode).toBe(130101);
    fake.now = () => NOW + 600_000;
    expect((await post()).errcode).toBe(0);
    expect((await post({ access_token: 'forged' })).errcode).toBe(300001);
  });
});
