import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DingtalkFake } from '../../support/fakes/dingtalk.js';

interface Answer {
  errcode: number;
  sub_code?: string;
  access_token: string;
  task_id: number;
  progress: { progress_in_percent: number; status: number };
  send_result: Record<string, unknown>;
}

const DAY_MS = 86_400_000;

/** No client of DingTalk exists that could drive the fake, so its rules are checked against the documentation by hand. */
describe('fake of DingTalk', () => {
  let fake: DingtalkFake;
  beforeEach(async () => {
    fake = await DingtalkFake.open();
  });
  afterEach(() => fake.close());

  const getToken = async (more: Record<string, string> = {}): Promise<Answer> => {
    const { appKey, appSecret } = fake.account;
    const query = new URLSearchParams({ appkey: appKey, appsecret: appSecret, ...more });
    return (await (await fetch(`${fake.baseUrl}/gettoken?${query.toString()}`)).json()) as Answer;
  };
  const call = async (what: string, body: object, token?: string): Promise<Answer> => {
    const query = new URLSearchParams({ access_token: token ?? (await getToken()).access_token });
    const url = `${fake.baseUrl}/topapi/message/corpconversation/${what}?${query.toString()}`;
    const asked = { agent_id: fake.account.agentId, ...body };
    return (await (await fetch(url, { method: 'POST', body: JSON.stringify(asked) })).json()) as Answer;
  };
  const text = (content: string): object => ({ msgtype: 'text', text: { content } });
  const send = (users: string, content = 'x', token?: string): Promise<Answer> =>
    call('asyncsend_v2', { userid_list: users, msg: text(content) }, token);
  const resultOf = async ({ task_id }: Answer): Promise<Record<string, unknown>> =>
    (await call('getsendresult', { task_id })).send_result;

  it('gives the same token while it is good, and prolongs it', async () => {
    const start = Date.now();
    const first = await getToken();
    fake.now = () => start + 7_000_000;
    expect((await getToken()).access_token).toBe(first.access_token);
    fake.now = () => start + 14_000_000;
    expect((await send('a', 'x', first.access_token)).errcode).toBe(0);
    fake.now = () => start + 30_000_000;
    expect((await getToken()).access_token).not.toBe(first.access_token);
  });

  it('refuses wrong credentials and hides a wrong token behind 88', async () => {
    expect((await getToken({ appkey: 'x' })).errcode).toBe(40096);
    expect((await getToken({ appsecret: 'x' })).errcode).toBe(40089);
    expect(await send('a', 'x', 'forged')).toMatchObject({ errcode: 88, sub_code: '40014' });
  });

  const picture = { title: 'T', text: 'x', messageUrl: 'https://e.com' };
  it.each<[number, string, object]>([
    [1430000, 'nobody named', { userid_list: '' }],
    [40035, '101 people', { userid_list: Array.from({ length: 101 }, (_, i) => i).join(',') }],
    [400002, 'another app', { agent_id: 1 }],
    [40035, 'no message', { msg: undefined }],
    [40035, 'a link without its picture', { msg: { msgtype: 'link', link: picture } }],
    [34016, 'more than 2,048 bytes', { msg: { msgtype: 'text', text: { content: 'x'.repeat(2048) } } }],
    [33012, 'an id that is none', { userid_list: 'a,malformed' }],
    [0, 'a text', {}],
  ])('answers %i to %s', async (expected, _what, body) => {
    const answer = await call('asyncsend_v2', { userid_list: 'a', msg: text('x'), ...body });
    expect(answer.errcode).toBe(expected);
  });

  it('says only in the result whom it did not reach', async () => {
    const task = await send('a,b,nobody,unlucky');
    expect(task.errcode).toBe(0);
    fake.read('b');
    expect(await resultOf(task)).toEqual({
      invalid_user_id_list: ['nobody'],
      forbidden_user_id_list: [],
      forbidden_list: [],
      failed_user_id_list: ['unlucky'],
      read_user_id_list: ['b'],
      unread_user_id_list: ['a'],
      invalid_dept_id_list: [],
    });
  });

  it('gives the same words to the same person once a day of China', async () => {
    const morning = Date.parse('2026-03-04T16:00:00Z');
    fake.now = () => morning;
    await send('a');
    fake.now = () => morning + DAY_MS - 1;
    expect(await resultOf(await send('a,b'))).toMatchObject({
      forbidden_list: [{ userid: 'a', code: '143106', count: 1 }],
      unread_user_id_list: ['b'],
    });
    fake.now = () => morning + DAY_MS;
    expect(await resultOf(await send('a'))).toMatchObject({ unread_user_id_list: ['a'] });
    expect(fake.inbox).toHaveLength(3);
  });

  it('gives a person 500 notices a day', async () => {
    const { access_token: token } = await getToken();
    for (let i = 0; i < 500; i++) await send('a', `text ${i}`, token);
    expect(await resultOf(await send('a', 'one more', token))).toMatchObject({
      forbidden_list: [{ userid: 'a', code: '143105', count: 500 }],
    });
    expect(fake.inbox).toHaveLength(500);
  });

  it('works on a task for a while and forgets it after a day', async () => {
    fake.pendingProgress = 1;
    const { task_id } = await send('a');
    const progress = async (): Promise<number | undefined> =>
      (await call('getsendprogress', { task_id })).progress.status;
    expect([await progress(), await progress()]).toEqual([1, 2]);
    const later = Date.now() + DAY_MS;
    fake.now = () => later;
    expect((await call('getsendprogress', { task_id })).errcode).toBe(400002);
    expect((await call('getsendresult', { task_id: 7 })).errcode).toBe(400002);
  });
});
