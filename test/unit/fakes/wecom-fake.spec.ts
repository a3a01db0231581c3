import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WecomFake } from '../../support/fakes/wecom.js';

interface Answer {
  errcode: number;
  access_token: string;
  expires_in: number;
  invaliduser: string;
  msgid: string;
}

/** No client of WeCom exists that could drive the fake, so its rules are checked against the documentation by hand. */
describe('fake of WeCom', () => {
  let fake: WecomFake;
  beforeEach(async () => {
    fake = await WecomFake.open({ isMember: (userId) => !userId.startsWith('gone') });
  });
  afterEach(() => fake.close());

  const getToken = async (more: Record<string, string> = {}): Promise<Answer> => {
    const { corpId, secret } = fake.account;
    const query = new URLSearchParams({ corpid: corpId, corpsecret: secret, ...more });
    return (await (await fetch(`${fake.baseUrl}/cgi-bin/gettoken?${query.toString()}`)).json()) as Answer;
  };
  const send = async (body: object, token?: string): Promise<Answer> => {
    const query = new URLSearchParams({ access_token: token ?? (await getToken()).access_token });
    const message = { touser: 'a', agentid: fake.account.agentId, msgtype: 'text', text: { content: 'x' }, ...body };
    const response = await fetch(`${fake.baseUrl}/cgi-bin/message/send?${query.toString()}`, {
      method: 'POST',
      body: JSON.stringify(message),
    });
    return (await response.json()) as Answer;
  };
  const code = async (answer: Promise<Answer>): Promise<number> => (await answer).errcode;

  it('gives the same token while it is good and another afterwards', async () => {
    const first = await getToken();
    expect(first).toMatchObject({ errcode: 0, expires_in: 7200 });
    expect((await getToken()).access_token).toBe(first.access_token);
    const later = Date.now() + 7_200_001;
    fake.now = () => later;
    expect(await code(send({}, first.access_token))).toBe(42001);
    const second = await getToken();
    expect(second.access_token).not.toBe(first.access_token);
    expect(await code(send({}, first.access_token))).toBe(40014);
    expect(await code(send({}, second.access_token))).toBe(0);
  });

  it('refuses wrong credentials, wrong tokens and too many requests for one', async () => {
    expect(await code(getToken({ corpid: 'x' }))).toBe(40013);
    expect(await code(getToken({ corpsecret: 'x' }))).toBe(40001);
    expect(await code(send({}, 'forged'))).toBe(40014);
    expect(await code(send({}, ''))).toBe(41001);
    const { access_token: token } = await getToken();
    fake.revokeToken();
    expect(await code(send({}, token))).toBe(40014);
    for (let i = 0; i < 100; i++) await getToken();
    expect(await code(getToken())).toBe(45009);
  });

  const card = { title: 'T', description: 'd', url: 'https://e.com' };
  const people = (count: number): string => Array.from({ length: count }, (_, i) => i).join('|');
  it.each<[number, string, object]>([
    [40056, 'another app', { agentid: 1 }],
    [82001, 'nobody named', { touser: '' }],
    [40032, '1,001 members', { touser: people(1001) }],
    [40008, 'an unknown type', { msgtype: 'poem', poem: {} }],
    [40008, 'a type without its body', { msgtype: 'markdown' }],
    [44004, 'an empty text', { text: { content: '' } }],
    [45002, '2,049 bytes', { text: { content: '中'.repeat(683) } }],
    [40058, 'a card without a link', { msgtype: 'textcard', textcard: { ...card, url: undefined } }],
    [40058, 'a link without its scheme', { msgtype: 'textcard', textcard: { ...card, url: 'e.com' } }],
    [40058, 'a card without words', { msgtype: 'textcard', textcard: { ...card, description: '' } }],
    [45002, 'a title of 129 bytes', { msgtype: 'textcard', textcard: { ...card, title: 'T'.repeat(129) } }],
    [45008, 'nine articles', { msgtype: 'news', news: { articles: Array(9).fill(card) } }],
    [81013, 'strangers only', { touser: 'gone1|gone2' }],
    [0, 'a thousand members', { touser: people(1000) }],
    [0, '2,046 bytes', { text: { content: '中'.repeat(682) } }],
  ])('answers %i to %s', async (expected, _what, body) => expect(await code(send(body))).toBe(expected));

  it('reaches whom it can and names the others in lower case', async () => {
    const answer = await send({ touser: 'ZhangSan|GoneToo|lisi|LISI' });
    expect(answer).toMatchObject({ errcode: 0, invaliduser: 'gonetoo' });
    expect(fake.inbox.map(({ userId }) => userId)).toEqual(['zhangsan', 'lisi']);
  });

  it('drops a member’s 31st message of a minute and 1001st of an hour without a word', async () => {
    const start = Date.now();
    fake.now = () => start;
    const { access_token: token } = await getToken();
    for (let i = 0; i < 31; i++) expect(await code(send({}, token))).toBe(0);
    expect([fake.inbox.length, fake.dropped]).toEqual([30, 1]);
    for (let minute = 1; minute <= 33; minute++) {
      fake.now = () => start + minute * 60_001;
      for (let i = 0; i < 30; i++) await send({}, token);
    }
    expect(fake.inbox).toHaveLength(1000);
  });

  it('swallows a repetition only where it was asked to, by the whole request', async () => {
    const checked = { enable_duplicate_check: 1, duplicate_check_interval: 60 };
    await send({});
    await send({});
    expect(fake.inbox).toHaveLength(2);
    await send(checked);
    await send(checked);
    await send({ ...checked, touser: 'a|b' });
    expect(fake.inbox.map(({ userId }) => userId)).toEqual(['a', 'a', 'a', 'a', 'b']);
    const later = Date.now() + 61_000;
    fake.now = () => later;
    await send(checked);
    expect(fake.inbox).toHaveLength(6);
  });
});
