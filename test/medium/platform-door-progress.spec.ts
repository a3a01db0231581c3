import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UplinkRepository } from '#entities';
import { coreApp, type CoreApp } from '../support/core-app.js';
import { inMinutes, plainMessage, type Fields } from './platform-door.fixture.js';

interface Progress {
  total: number;
  state: string;
  successCount: number;
  failCount: number;
  failUserList: { user: string; cause: string }[];
}
interface Reply {
  content: string;
  time: string;
  msgId: string;
  user: string;
}

let mc: CoreApp;
let token: string;
beforeAll(async () => {
  mc = await coreApp({ running: true });
  ({ token } = await mc.addApp('app'));
  for (const user of ['ann', 'bob'])
    await mc.addUser(user, { sms: user === 'ann' ? '13800000001' : '13800000002', mail: `${user}@example.com` });
  await mc.addUser('dry');
});
beforeEach(async () => {
  mc.provider.reset();
  await mc.rows('DELETE FROM opt_out');
});
afterAll(() => mc.close());

async function ask<T>(path: string, fields: Fields): Promise<T> {
  const url = `http://127.0.0.1:${mc.port}/message/${path}`;
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
  const { rspMsg, resultData } = (await response.json()) as { rspMsg: string; resultData: T };
  expect(rspMsg).toMatch(/^操作/);
  return resultData;
}

const receiversOf = (...users: string[]): string => JSON.stringify(users.map((userId) => ({ userId })));
async function send(users: string[], sendChannel: string, more: Fields = {}): Promise<string> {
  const fields = plainMessage(token, { receivers: receiversOf(...users), sendChannel, ...more });
  return (await ask<{ msgId: string }>('sendMessageApi', fields)).msgId;
}
const progress = (msgId: string): Promise<Progress> => ask('getProgress', { token, msgId });
const finished = (msgId: string): Promise<Progress> =>
  mc.until(
    'the message is finished',
    () => progress(msgId),
    ({ state }) => state === '1',
  );
async function fire(msgId: string): Promise<void> {
  await mc.rows(`UPDATE message SET send_at = now() - interval '1 second' WHERE id = $1`, [msgId]);
  await mc.rows(`UPDATE work SET due_at = now() WHERE message_id = $1`, [msgId]);
}

describe('the progress of a message', () => {
  it('counts everybody it reached', async () => {
    const msgId = await send(['ann', 'bob', 'ann'], 'Portal');
    expect(await finished(msgId)).toEqual({ total: 2, state: '1', successCount: 2, failCount: 0, failUserList: [] });
  });

  it('says of everybody else why not, channel by channel', async () => {
    mc.provider.on('sms', ({ address }) =>
      address === '13800000001' ? { class: 'bad_content', code: 'X1', words: '模板未审核' } : { class: 'ok' },
    );
    mc.provider.on('mail', { class: 'bad_recipient', code: 'bad_address' });
    await mc.rows(`INSERT INTO opt_out VALUES ('bob', 'channel', 'mail')`);
    const msgId = await send(['ann', 'bob', 'dry', 'nobody'], 'SMS,Mail');
    const { failUserList, ...counts } = await finished(msgId);
    expect(counts).toEqual({ total: 4, state: '1', successCount: 1, failCount: 3 });
    expect(Object.fromEntries(failUserList.map(({ user, cause }) => [user, cause]))).toEqual({
      ann: '短信发送失败！服务商返回错误 X1（模板未审核）！；邮件发送失败！邮箱地址格式有误！',
      dry: '短信发送失败！未登记该渠道的地址！；邮件发送失败！未登记该渠道的地址！',
      nobody: '人员不存在',
    });
  });

  it('of an SMS names the numbers, bad ones as they were given', async () => {
    mc.provider.on('sms', ({ address }) =>
      address === '13800000009' ? { class: 'unknown_outcome', code: 'timeout' } : { class: 'ok' },
    );
    mc.provider.isIdempotent = false;
    const mobiles = ['18612345678', '12', '13800000009', '+86 138 0000 0008'];
    const receivers = JSON.stringify(mobiles.map((mobile) => ({ name: '甲', mobile })));
    const { msgId } = await ask<{ msgId: string }>('sendMessageBySMSApi', { token, msgContent: '升级', receivers });
    const { failUserList, ...counts } = await finished(msgId);
    expect(counts).toEqual({ total: 4, state: '1', successCount: 2, failCount: 2 });
    expect(failUserList).toEqual([
      { user: '12', cause: '短信发送失败！手机号码格式有误！' },
      { user: '13800000009', cause: '短信发送失败！结果未知！' },
    ]);
  });

  it('is 0 before its time, 2 on its way, 1 at its end, and forgets who opted out meanwhile', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    mc.provider.on('sms', () => held.then(() => ({ class: 'ok' })));
    const msgId = await send(['ann', 'bob', 'dry'], 'SMS', { sendStatus: '2', sendTime: inMinutes(11) });
    expect(await progress(msgId)).toEqual({ total: 3, state: '0', successCount: 0, failCount: 0, failUserList: [] });
    await mc.rows(`INSERT INTO opt_out VALUES ('bob', 'app', 'app')`);
    await fire(msgId);
    const dry = { user: 'dry', cause: '短信发送失败！未登记该渠道的地址！' };
    const underWay = await mc.until(
      'the message is on its way',
      () => progress(msgId),
      ({ state }) => state === '2',
    );
    expect(underWay).toEqual({ total: 2, state: '2', successCount: 0, failCount: 1, failUserList: [dry] });
    release();
    expect(await finished(msgId)).toEqual({ ...underWay, state: '1', successCount: 1 });
  });

  it('of one that was called off names everybody', async () => {
    const msgId = await send(['ann', 'bob'], 'SMS', { sendStatus: '2', sendTime: inMinutes(11) });
    await fetch(`http://127.0.0.1:${mc.port}/v1/messages/${msgId}/cancel`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await finished(msgId)).toEqual({
      total: 2,
      state: '1',
      successCount: 0,
      failCount: 2,
      failUserList: ['ann', 'bob'].map((user) => ({ user, cause: '消息已取消' })),
    });
    expect(mc.provider.sent).toEqual([]);
  });
});

describe('replies', () => {
  const pull = (more: Fields = {}): Promise<Reply[]> => ask('replyMessage', { token, ...more });
  const answers = (replies: Reply[]): string[] => replies.map(({ content }) => content);
  async function reply(msgId: string, text: string, user = 'ann'): Promise<boolean> {
    const { seq } = await mc.row<{ seq: number }>(
      `SELECT seq FROM delivery WHERE message_id = $1 AND recipient = $2 AND channel = 'portal'`,
      [msgId, user],
    );
    return mc.get(UplinkRepository).reply({ messageId: msgId, seq, userId: 'ann', text });
  }

  it('come from the portal where the message takes them, and from whom it went to', async () => {
    const open = await send(['ann', 'bob'], 'Portal', { isReply: '1' });
    const closed = await send(['ann'], 'Portal');
    await Promise.all([finished(open), finished(closed)]);
    expect(await reply(closed, '没人听')).toBe(false);
    expect(await reply(open, '冒名', 'bob')).toBe(false);
    expect(await reply(open, '收到')).toBe(true);
    expect(await pull()).toEqual([
      { content: '收到', time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/), msgId: open, user: 'ann' },
    ]);
    const response = await fetch(`http://127.0.0.1:${mc.port}/v1/uplinks?messageId=${open}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toMatchObject({
      items: [{ channel: 'portal', account: '', address: 'ann', text: '收到', messageId: open, appId: 'app' }],
    });
  });

  it('come by SMS, shown by the clock of Shanghai', async () => {
    const msgId = await send(['ann'], 'SMS');
    await finished(msgId);
    const at = new Date('2026-01-05T00:00:00Z');
    await mc.get(UplinkRepository).store(mc.database, 'sms', 'sms:main', [{ from: '13800000001', text: 'TD', at }]);
    expect(await pull()).toEqual([{ content: 'TD', time: '2026-01-05 08:00:00', msgId, user: '13800000001' }]);
  });

  it('go out once each, oldest first, however many ask at the same moment; and once more after a lost answer', async () => {
    const msgId = await send(['ann'], 'Portal', { isReply: '1' });
    await finished(msgId);
    const texts = Array.from({ length: 30 }, (_, i) => `r${String(i).padStart(2, '0')}`);
    for (const text of texts) await reply(msgId, text);
    const pulled = (await Promise.all(Array.from({ length: 8 }, () => pull({ count: '4' })))).map(answers);
    expect(pulled.flat().sort()).toEqual(texts);
    for (const each of pulled) expect(each).toEqual([...each].sort());
    await reply(msgId, 'new');
    expect(answers(await pull({ again: '1', count: '30' }))).toEqual(texts);
    expect(answers(await pull())).toEqual(['new']);
    expect(answers(await pull({ again: '1', count: '1' }))).toEqual(['new']);
    await mc.rows(`UPDATE uplink SET pulled_at = pulled_at - interval '11 minutes'`);
    expect(await pull({ again: '1' })).toEqual([]);
  });

  it.each<Fields>([{ count: '0' }, { count: '101' }, { count: '-1' }, { count: '1e1' }, { again: '2' }])(
    'refuse %j',
    async (more) => {
      const body = new URLSearchParams({ token, ...more });
      const response = await fetch(`http://127.0.0.1:${mc.port}/message/replyMessage`, { method: 'POST', body });
      expect(await response.json()).toMatchObject({
        rspCode: '500001',
        rspMsg: expect.stringContaining(Object.keys(more)[0] ?? ''),
      });
    },
  );
});
