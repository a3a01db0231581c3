import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/gateway-app.js';
import { plainMessage, plainTodo, platformDoor, type Fields, type PlatformDoor } from './platform-door.fixture.js';

const SEND = '/message/sendMessageApi';
const CHECK = '/message/checkMessageStatusApi';
const COUNT = '/api/message/user/count';
const LIST = '/api/message/user/list';

const UNKNOWN = '0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c';
const ONE = '[{"userId":"12345"}]';

let mc: PlatformDoor;
let token: string;
beforeAll(async () => {
  mc = await platformDoor();
  ({ token } = await mc.clientApp({ name: '示例', channels: ['portal'], features: ['user-count', 'user-list'] }));
  for (const user of ['12345', '12346', 'reader']) await mc.addUser(user);
});
afterAll(() => mc.close());

const message = (more: Fields = {}): Fields => plainMessage(token, more);
const todo = (more: Fields = {}): Fields => plainTodo(token, more);

async function sent(fields: Fields = message()): Promise<string> {
  const { body } = await mc.form(SEND, fields);
  expect(body).toMatchObject({ rspCode: '000000', rspMsg: '操作完成' });
  await mc.fanOut(body.resultData.msgId);
  await mc.fold();
  return body.resultData.msgId;
}

describe('the inbox of a person', () => {
  const ask = (path: string, more: Fields = {}): Promise<Answer> =>
    mc.form(path, { token, account: 'reader', ...more });
  const list = async (more: Fields = {}): Promise<{ total: number; msglist: Record<string, string>[] }> =>
    (await ask(LIST, { page: '1', size: '20', ...more })).body.resultData;
  const reader = '[{"userId":"reader"}]';
  let done: string;
  beforeAll(async () => {
    const read = await sent(message({ receivers: reader, msgtitle: '已读 100%' }));
    await sent(message({ receivers: reader, msgtitle: '未读 100_' }));
    done = await sent(todo({ receivers: reader, msgtitle: '已办' }));
    await sent(todo({ receivers: reader, msgtitle: '待办' }));
    await mc.rows(`UPDATE delivery SET inbox_state = 1, status = 50, read_at = now() WHERE message_id = $1`, [read]);
    expect((await mc.form(CHECK, { token, msgId: done })).body.rspCode).toBe('000000');
  });

  it.each([
    [{}, { unread: 1, read: 1, checked: 1, todo: 1, processing: 0, initiated: 0, total: 4 }],
    [{ type: '1' }, { unread: 1, read: 1, checked: 0, todo: 0, processing: 0, initiated: 0, total: 2 }],
    [{ type: '4' }, { unread: 0, read: 0, checked: 1, todo: 1, processing: 0, initiated: 0, total: 2 }],
  ])('is counted %j', async (more, counts) => {
    expect((await ask(COUNT, more)).body.resultData).toEqual(counts);
  });

  it.each([
    [{}, ['待办', '已办', '未读 100_', '已读 100%'], ['4', '3', '2', '1']],
    [{ type: '1' }, ['待办'], ['4']],
    [{ type: '2' }, ['已办'], ['3']],
    [{ type: '3' }, ['未读 100_'], ['2']],
    [{ type: '4' }, ['已读 100%'], ['1']],
    [{ search: '%' }, ['已读 100%'], ['1']],
    [{ search: '_' }, ['未读 100_'], ['2']],
    [{ search: '办', type: '2' }, ['已办'], ['3']],
    [{ search: '没有' }, [], []],
  ])('is listed %j', async (more: Fields, titles, states) => {
    const { total, msglist } = await list(more);
    expect(msglist.map(({ title }) => title)).toEqual(titles);
    expect(msglist.map(({ state }) => state)).toEqual(states);
    expect(total).toBe(titles.length);
  });

  it('comes in pages', async () => {
    expect(await list({ page: '2', size: '3' })).toMatchObject({ total: 4, msglist: [{ title: '已读 100%' }] });
    expect(await list({ page: '1000000', size: '100' })).toEqual({ total: 4, msglist: [] });
  });

  it('names each message by its own reference, its app, its time and its page', async () => {
    const [line] = (await list({ type: '2' })).msglist;
    expect(line).toEqual({
      id: await mc.refOf(done, 'reader'),
      title: '已办',
      type: '4',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/),
      state: '3',
      source: '示例',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/portal\/m\//),
      murl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/portal\/m\//),
    });
  });

  it.each([
    [LIST, { page: '0' }],
    [LIST, { page: '-1' }],
    [LIST, { page: '1.5' }],
    [LIST, { page: '' }],
    [LIST, { size: '0' }],
    [LIST, { size: '101' }],
    [LIST, { size: 'all' }],
    [LIST, { type: '5' }],
    [LIST, { account: '' }],
    [LIST, { account: 'a\0' }],
    [COUNT, { type: '2' }],
    [COUNT, { account: '' }],
  ])('%s refuses %j', async (path, more: Fields) => {
    const { body } = await ask(path, { page: '1', size: '20', ...more });
    expect(body).toMatchObject({ rspCode: '500001', rspMsg: expect.stringContaining(Object.keys(more)[0] ?? '') });
  });
});

describe('a to-do', () => {
  it('stands in the inbox whatever the channels of the send, and of the app', async () => {
    const { token: own } = await mc.clientApp({ channels: ['sms'] });
    const msgId = await sent({ ...todo({ receivers: ONE, sendChannel: 'SMS' }), token: own });
    const channels = await mc.rows('SELECT channel, inbox_state FROM delivery WHERE message_id = $1 ORDER BY channel', [
      msgId,
    ]);
    expect(channels).toEqual([
      { channel: 'portal', inbox_state: 4 },
      { channel: 'sms', inbox_state: null },
    ]);
  });

  it('is done, done again and open again, for every receiver, one step each', async () => {
    const msgId = await sent(todo({ msgtitle: '一起办' }));
    const steps = await Promise.all(['12345', '12346'].map((user) => mc.refOf(msgId, user)));
    const states = async (): Promise<number[]> =>
      (
        await mc.rows<{ inbox_state: number }>('SELECT inbox_state FROM delivery WHERE message_id = $1 ORDER BY seq', [
          msgId,
        ])
      ).map((row) => row.inbox_state);
    for (const [more, state] of [
      [{}, 3],
      [{ state: '2', messageType: '1' }, 3],
      [{ state: '1' }, 4],
    ] as const) {
      const { body } = await mc.form(CHECK, { token, msgId, ...more });
      expect(body.rspCode).toBe('000000');
      expect(body.resultData).toEqual({
        total: 2,
        flowId: msgId,
        msglist: steps.map((stepId) => ({ stepId, rspCode: '000000', rspMsg: '操作成功' })),
      });
      expect(await states()).toEqual([state, state]);
    }
  });

  it.each<Fields>([{ state: '3' }, { state: '0' }, { messageType: '3' }])('refuses %j', async (more) => {
    expect((await mc.form(CHECK, { token, msgId: UNKNOWN, ...more })).body.rspCode).toBe('500001');
  });

  it('may be sent again when it is done, or with anything of it changed', async () => {
    const fields = todo({ msgtitle: '唯一', receivers: ONE, pcUrl: 'http://oa/pc?id=1' });
    const msgId = await sent(fields);
    const again = await mc.form(SEND, fields);
    expect(again.body).toMatchObject({ rspCode: '500015', rspMsg: expect.stringContaining('12345') });
    const others: Fields[] = [
      { msgContent: '另一件' },
      { waitLink: 'http://oa/todo?id=2' },
      { pcUrl: 'http://oa/pc?id=2' },
      { receivers: '[{"userId":"12346"}]' },
    ];
    for (const more of others) await sent({ ...fields, ...more });
    await mc.form(CHECK, { token, msgId });
    await sent(fields);
  });

  it('may not be sent again once it is open again; it stays done where a newer one is open', async () => {
    const fields = todo({ msgtitle: '重新打开', receivers: ONE });
    const old = await sent(fields);
    await mc.form(CHECK, { token, msgId: old });
    expect((await mc.form(CHECK, { token, msgId: old, state: '1' })).body.rspCode).toBe('000000');
    expect((await mc.form(SEND, fields)).body).toMatchObject({ rspCode: '500015', resultData: null });
    await mc.form(CHECK, { token, msgId: old });
    await sent(fields);
    expect((await mc.form(CHECK, { token, msgId: old, state: '1' })).body).toMatchObject({
      rspCode: '500015',
      resultData: null,
    });
    expect(await mc.rows('SELECT inbox_state FROM delivery WHERE message_id = $1', [old])).toEqual([
      { inbox_state: 3 },
    ]);
  });
});
