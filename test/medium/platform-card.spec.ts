import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CatalogWatch } from '#entities';
import { WecomFake } from '../support/fakes/wecom.js';
import { gatewayApp, type Answer } from '../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../support/whole-center.js';

const CARD = '/message/cardMessage';

/** As the published interface shows it. */
const EXAMPLE = {
  userList: 'test1|test2',
  title: '通知',
  description:
    '<div class="gray">2021年06月17日</div> <div class="normal">恭喜你获得本次大赛第一</div><div class="highlight">请于2021年06月20日前联系行政同事领取</div>',
  btnTxt: '更多数据',
  url: 'https://www.xxxx.com/s?ie=UTF-8&wd=baidu',
};

let mc: WholeCenter;
let wecom: WecomFake;
beforeAll(async () => {
  mc = await wholeCenter();
  wecom = await WecomFake.open({ isMember: (userId) => !userId.startsWith('nobody') });
  await mc.setUp('wecom', { id: 'app', provider: 'wecom', settings: { timeoutMs: 500, ...wecom.account } });
  await mc.person('zhang', { wecom: 'ZhangSan' });
  await mc.rows(`INSERT INTO sensitive_word (word) VALUES ('违禁词')`);
  await mc.rows(`UPDATE catalog_revision SET revision = revision + 1 WHERE topic = 'sensitive_word'`);
  await look();
});
afterEach(() => {
  wecom.inbox.length = 0;
  wecom.requests.length = 0;
});
afterAll(async () => {
  await mc.close();
  await wecom.close();
});

const look = (): Promise<void> => mc.app.get(CatalogWatch, { strict: false }).look();
const send = (fields: object = {}, token = mc.appToken): Promise<Answer> =>
  mc.call('POST', CARD, { body: { token, ...EXAMPLE, ...fields } });
const readers = (): string[] => wecom.inbox.map(({ userId }) => userId);
const card = (): Record<string, string> => wecom.inbox[0]?.message.textcard as Record<string, string>;

describe('a card for WeCom', () => {
  it('goes straight through, its marks untouched, and nothing of it is stored', async () => {
    const { body } = await send();
    expect(body).toEqual({ rspCode: '000000', rspMsg: '操作完成', resultData: null });
    expect(readers()).toEqual(['test1', 'test2']);
    const { title, description, url, btnTxt: btntxt } = EXAMPLE;
    expect(card()).toEqual({ title, description, url, btntxt });
    for (const table of ['message', 'delivery', 'work', 'todo_card'])
      expect([table, await mc.rows(`SELECT * FROM ${table}`)]).toEqual([table, []]);
  });

  it('goes out in a form as well', async () => {
    const { body } = await mc.call('POST', CARD, {
      body: new URLSearchParams({ token: mc.appToken, ...EXAMPLE }).toString(),
    });
    expect([body.rspCode, readers()]).toEqual(['000000', ['test1', 'test2']]);
  });

  it('finds people of the directory by their address, and everybody once', async () => {
    await send({ userList: 'zhang｜zhangsan| outsider |zhang||ZhangSan' });
    expect(readers()).toEqual(['zhangsan', 'outsider']);
  });

  it('says 详情 on its button where nothing is given', async () => {
    await send({ btnTxt: '' });
    expect(card().btntxt).toBe('详情');
  });

  it('is cut where WeCom would, never inside a character', async () => {
    const long = { title: `x${'标😀'.repeat(100)}`, description: `yy${'文😀'.repeat(400)}`, btnTxt: '😀二三四五' };
    await send(long);
    const { title = '', description = '', btntxt } = card();
    expect([long.title.startsWith(title), long.description.startsWith(description)]).toEqual([true, true]);
    expect([Buffer.byteLength(title), Buffer.byteLength(description)]).toEqual([127, 512 - 3]);
    expect(`${title}${description}`).not.toMatch(/\p{Surrogate}|\ufffd/u);
    expect(btntxt).toBe('😀二三四');
  });

  it('never has part of what people see as one character', async () => {
    const family = '👨‍👩‍👧';
    const { body } = await send({ btnTxt: `一二${family}三`, title: `${'x'.repeat(120)}${family}` });
    expect(body.rspCode).toBe('000000');
    expect([card().btntxt, card().title]).toEqual(['一二', 'x'.repeat(120)]);
  });

  it('is judged by what is left of it: a megabyte of marks keeps nobody waiting', async () => {
    const { body } = await send({ description: `<b>${'<i>'.repeat(300_000)}违禁词` });
    expect([body.rspCode, Buffer.byteLength(card().description ?? '')]).toEqual(['000000', 512]);
  });

  it('reaches more people than one call takes', async () => {
    const users = Array.from({ length: 1001 }, (_, i) => `user${i}`);
    const { body } = await send({ userList: users.join('|') });
    expect([body.rspCode, readers().length]).toEqual(['000000', 1001]);
  });

  it('is done where somebody gets it', async () => {
    const { body } = await send({ userList: 'nobody1|test1' });
    expect([body.rspCode, readers()]).toEqual(['000000', ['test1']]);
  });

  it('that reaches nobody is answered with the words of WeCom', async () => {
    const { body } = await send({ userList: 'nobody1|nobody2' });
    expect(body).toMatchObject({
      rspCode: '999999',
      rspMsg: expect.stringMatching(/81013 user & party & tag all invalid/),
    });
    expect(body.rspMsg).not.toContain(wecom.account.secret);
  });

  it('that WeCom does not answer has an end that nobody knows', async () => {
    const { body } = await send({ userList: 'silent' });
    expect(body).toMatchObject({ rspCode: '999999', rspMsg: expect.stringContaining('结果未知') });
    expect(wecom.requests.filter(({ path }) => path === '/cgi-bin/message/send')).toHaveLength(1);
  });

  it('does not let a name reach everybody', async () => {
    const { body } = await send({ userList: '@all' });
    expect([body.rspCode, readers()]).toEqual(['999999', []]);
  });
});

it('a card waits for the pace of the account, and nobody is left out', async () => {
  const app = { id: 'app', provider: 'wecom', settings: { timeoutMs: 500, ...wecom.account } };
  await mc.setUp('wecom', { ...app, rateLimit: { perSecond: 4 } });
  const { body } = await send({ userList: 'a|b|c|d|e' });
  expect([body.rspCode, readers()]).toEqual(['000000', ['a', 'b', 'c', 'd', 'e']]);
  await mc.setUp('wecom', app);
});

describe('a card is refused', () => {
  it.each<[string, string, object]>([
    ['500001', 'without users', { userList: '' }],
    ['500001', 'with separators for users', { userList: '|｜ |' }],
    ['500001', 'without a title', { title: ' ' }],
    ['500001', 'without a description', { description: '' }],
    ['500001', 'without a link', { url: '' }],
    ['500001', 'with a link that is none', { url: 'javascript:alert(1)' }],
    ['500001', 'with a link of too many bytes', { url: `https://e.com/${'长'.repeat(700)}` }],
    ['500003', 'without a token', { token: '' }],
    ['500013', 'with a sensitive word in its title', { title: '违禁词' }],
    ['500013', 'with a sensitive word between its marks', { description: '<b>违</b>禁<i>词</i>' }],
    ['500013', 'with a sensitive word on its button', { btnTxt: '违禁词' }],
  ])('%s: %s', async (code, _why, fields) => {
    const { status, body } = await send(fields);
    expect([status, body.rspCode, body.resultData]).toEqual([200, code, null]);
    expect(wecom.requests.filter(({ path }) => path === '/cgi-bin/message/send')).toEqual([]);
  });

  it('500010: of an app to which the channel is not open', async () => {
    const { token } = await mc.clientApp({ channels: ['portal'] });
    expect((await send({}, token)).body.rspCode).toBe('500010');
  });

  it('500014: while the channel is switched off', async () => {
    await mc.rows(`INSERT INTO channel_config (channel, enabled) VALUES ('wecom', false)
                   ON CONFLICT (channel) DO UPDATE SET enabled = false`);
    await mc.rows(`UPDATE catalog_revision SET revision = revision + 1 WHERE topic = 'channel'`);
    await look();
    expect((await send()).body.rspCode).toBe('500014');
  });

  it('999999 at once: where nobody is there to send it', async () => {
    const gateway = await gatewayApp({ SANDBOX: 'on' });
    try {
      const { token } = await gateway.clientApp({ channels: ['wecom'] });
      const { body } = await gateway.call('POST', CARD, { body: { token, ...EXAMPLE } });
      expect([body.rspCode, body.resultData]).toEqual(['999999', null]);
    } finally {
      await gateway.close();
    }
  });
});
