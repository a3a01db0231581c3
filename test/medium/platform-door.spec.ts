import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogWatch } from '#entities';
import type { Answer } from '../support/gateway-app.js';
import { plainMessage, plainTodo, platformDoor, type Fields, type PlatformDoor } from './platform-door.fixture.js';

const SEND = '/message/sendMessageApi';
const SMS = '/message/sendMessageBySMSApi';
const PROGRESS = '/message/getProgress';
const CHECK = '/message/checkMessageStatusApi';
const REPLIES = '/message/replyMessage';
const COUNT = '/api/message/user/count';
const LIST = '/api/message/user/list';
const TOKEN = '/msg/getThirdAPIToken';

const UNKNOWN = '0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c';
const MOBILES = '[{"name":"示例姓名1","mobile": "18612345678"},{"name":"示例姓名2","mobile": "13912345678"}]';

let mc: PlatformDoor;
let app: { appId: string; appSecret: string; token: string };
let token: string;
let otherToken: string;
beforeAll(async () => {
  mc = await platformDoor();
  const channels = ['portal', 'sms', 'mail', 'wecom', 'dingtalk', 'smart'];
  app = await mc.clientApp({ name: '示例', channels, features: ['user-count', 'user-list'] });
  token = app.token;
  ({ token: otherToken } = await mc.addApp('other'));
  for (const [user, mobile] of [
    ['12345', '13700000001'],
    ['12346', '13700000002'],
  ] as const)
    await mc.addUser(user, { sms: mobile, wecom: user, mail: `${user}@example.com`, dingtalk: user });
  await mc.rows(`INSERT INTO sensitive_word (word) VALUES ('违禁词')`);
  await mc.refresh();
});
beforeEach(() => mc.rows('DELETE FROM opt_out'));
afterAll(() => mc.close());

const message = (more: Fields = {}): Fields => plainMessage(token, more);
const todo = (more: Fields = {}): Fields => plainTodo(token, more);
const send = (more: Fields = {}): Promise<Answer> => mc.form(SEND, message(more));
const sms = (more: Fields = {}): Promise<Answer> =>
  mc.form(SMS, { token, msgContent: '今晚八点升级', receivers: MOBILES, ...more });

async function sent(fields: Fields = message()): Promise<string> {
  const { body } = await mc.form(SEND, fields);
  expect(body).toMatchObject({ rspCode: '000000', rspMsg: '操作完成' });
  await mc.fanOut(body.resultData.msgId);
  await mc.fold();
  return body.resultData.msgId;
}

async function optOut(...userIds: string[]): Promise<void> {
  for (const userId of userIds)
    await mc.rows(`INSERT INTO opt_out (user_id, kind, value) VALUES ($1, 'app', $2)`, [userId, app.appId]);
}

async function switchChannel(channel: string, enabled: boolean): Promise<void> {
  await mc.rows(
    `INSERT INTO channel_config (channel, enabled) VALUES ($1, $2)
     ON CONFLICT (channel) DO UPDATE SET enabled = excluded.enabled`,
    [channel, enabled],
  );
  await mc.refresh();
}

describe('every code of the table', () => {
  const cases: [code: string, why: string, ask: () => Promise<Answer>][] = [
    ['000000', 'a message that is accepted', () => send()],
    ['1', 'an SMS that is accepted', () => sms()],
    [
      '100011',
      'an SMS beyond the quota',
      async () => {
        const poor = await mc.clientApp({ channels: ['sms'], smsQuota: { total: 1 } });
        return sms({ token: poor.token });
      },
    ],
    ['400002', 'user/count without its feature', () => mc.form(COUNT, { token: otherToken, account: '12345' })],
    [
      '400002',
      'user/list without its feature',
      () => mc.form(LIST, { token: otherToken, account: '12345', page: '1', size: '1' }),
    ],
    ['500001', 'a parameter that is missing', () => send({ msgtitle: '' })],
    ['500002', 'a wrong secret', () => mc.form(TOKEN, { appId: app.appId, appPassword: 'wrong' })],
    ['500002', 'an unknown app', () => mc.form(TOKEN, { appId: 'nobody', appPassword: app.appSecret })],
    ['500003', 'no token', () => send({ token: '' })],
    ['500003', 'a token that nobody issued', () => send({ token: UNKNOWN })],
    ['500005', 'the progress of an unknown message', () => mc.form(PROGRESS, { token, msgId: UNKNOWN })],
    ['500005', 'the progress of what is no id', () => mc.form(PROGRESS, { token, msgId: 'msg123456' })],
    [
      '500005',
      'the progress of another app’s message',
      async () => mc.form(PROGRESS, { token: otherToken, msgId: await sent() }),
    ],
    ['500005', 'a to-do that nobody sent', () => mc.form(CHECK, { token, msgId: UNKNOWN })],
    ['500005', 'no to-do named', () => mc.form(CHECK, { token })],
    ['500006', 'a notice that is to be done', async () => mc.form(CHECK, { token, msgId: await sent() })],
    [
      '500007',
      'receivers who all opted out',
      async () => {
        await optOut('12345', '12346');
        return send();
      },
    ],
    [
      '500008',
      'a to-do that is still dispatched',
      async () => {
        const { body } = await mc.form(SEND, todo({ msgtitle: '正在下发' }));
        return mc.form(CHECK, { token, msgId: body.resultData.msgId });
      },
    ],
    [
      '500010',
      'a channel that is not open',
      async () => send({ token: (await mc.clientApp({ channels: ['portal'] })).token, sendChannel: 'SMS' }),
    ],
    [
      '500010',
      'IntelligenceMode without smart',
      async () =>
        send({ token: (await mc.clientApp({ channels: ['portal'] })).token, sendChannel: 'IntelligenceMode' }),
    ],
    [
      '500010',
      'an SMS by an app without SMS',
      async () => sms({ token: (await mc.clientApp({ channels: ['portal'] })).token }),
    ],
    [
      '500011',
      'IntelligenceMode without a channel',
      async () => send({ token: (await mc.clientApp({ channels: ['smart'] })).token, sendChannel: 'IntelligenceMode' }),
    ],
    ['500012', '【】 in an SMS', () => sms({ msgContent: '【研发部】今晚八点升级' })],
    ['500012', '【】 in a message by SMS', () => send({ sendChannel: 'SMS', msgContent: '【研发部】升级' })],
    ['500012', 'a link that is none', () => send({ msgType: '2', msgContent: 'javascript:alert(1)' })],
    ['500012', 'HTML of which nothing is left', () => send({ msgType: '0', msgContent: '<script>alert(1)</script>' })],
    [
      '500001',
      'receivers of JSON that is nested too deep',
      () => send({ receivers: `[{"userId":"12345","x":${'['.repeat(40)}${']'.repeat(40)}}]` }),
    ],
    [
      '000000',
      'a sensitive word in a link that nobody reads',
      () => send({ waitLink: 'http://example.com/违禁词', pcUrl: 'http://example.com/%E8%BF%9D禁词' }),
    ],
    ['500013', 'a sensitive word, folded', () => send({ msgContent: '这里有违 禁·词' })],
    ['500013', 'a sensitive word in a title', () => send({ msgtitle: '违禁词' })],
    ['500013', 'a sensitive word in an SMS', () => sms({ msgContent: '违禁词' })],
    [
      '500014',
      'a channel that is switched off',
      async () => {
        await switchChannel('dingtalk', false);
        const answer = await send({ sendChannel: 'Portal,DingTalk' });
        await switchChannel('dingtalk', true);
        return answer;
      },
    ],
    [
      '500014',
      'SMS that are switched off',
      async () => {
        await switchChannel('sms', false);
        const answer = await sms();
        await switchChannel('sms', true);
        return answer;
      },
    ],
    [
      '500015',
      'a to-do that is open already',
      async () => {
        await sent(todo({ receivers: '[{"userId":"12346"}]', msgtitle: '重复' }));
        return mc.form(SEND, todo({ msgtitle: '重复' }));
      },
    ],
    [
      '999999',
      'more calls than the rate allows',
      async () => {
        const { token: slow } = await mc.addApp('slow', { ratePerSecond: 1 });
        await mc.form(REPLIES, { token: slow });
        return mc.form(REPLIES, { token: slow });
      },
    ],
  ];

  it.each(cases)('%s: %s', async (code, _why, ask) => {
    const { status, body, headers } = await ask();
    expect(body).toMatchObject({ rspCode: code, rspMsg: expect.stringMatching(/\p{Script=Han}/u) });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const isDone = code === '000000' || code === '1';
    expect(Object.keys(body)).toEqual(['rspCode', 'rspMsg', 'resultData']);
    expect(body.resultData === null).toBe(!isDone);
    if (code === '999999') expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });

  it('100011: 200 callers at the same moment on a quota of 100 give exactly 100', async () => {
    const { appId, token: own } = await mc.clientApp({ channels: ['sms'], smsQuota: { total: 100 } });
    const receivers = '[{"mobile":"18612345678"},{"mobile":"no number"}]';
    const answers = await Promise.all(Array.from({ length: 200 }, () => sms({ token: own, receivers })));
    const codes = answers.map(({ body }) => body.rspCode as string);
    expect(codes.filter((code) => code === '1')).toHaveLength(100);
    expect(codes.filter((code) => code === '100011')).toHaveLength(100);
    expect((await mc.admin('GET', `/v1/client-apps/${appId}`)).body.smsUsed.total).toBe(100);
  });

  it('500015: of 20 callers with the same to-do at the same moment one is heard', async () => {
    const same = todo({ msgtitle: '同时' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => mc.form(SEND, same)));
    const codes = answers.map(({ body }) => body.rspCode as string).sort();
    expect(codes).toEqual(['000000', ...Array.from({ length: 19 }, () => '500015')]);
  });

  it('500002 and 500003: a token of an app that is disabled meanwhile', async () => {
    const { appId, appSecret, token: old } = await mc.clientApp({ channels: ['portal'] });
    expect((await send({ token: old })).body.rspCode).toBe('000000');
    await mc.admin('PATCH', `/v1/client-apps/${appId}`, { enabled: false });
    await mc.app.get(CatalogWatch, { strict: false }).look();
    expect((await send({ token: old })).body.rspCode).toBe('500002');
    expect((await mc.form(REPLIES, { token: old })).body.rspCode).toBe('500003');
    expect((await mc.form(TOKEN, { appId, appPassword: appSecret })).body.rspCode).toBe('500002');
    await mc.admin('PATCH', `/v1/client-apps/${appId}`, { enabled: true });
    await mc.app.get(CatalogWatch, { strict: false }).look();
    expect((await send({ token: old })).body.rspCode).toBe('500003');
  });

  it('500002 and 500003: a caller from an address that is not allowed', async () => {
    const { appId, appSecret, token: ours } = await mc.clientApp({ channels: ['portal'], ipAllowlist: ['127.0.0.1'] });
    const from = '127.0.0.9';
    expect((await mc.form(SEND, plainMessage(ours), { from })).body.rspCode).toBe('500003');
    const refused = await mc.form(TOKEN, { appId, appPassword: appSecret }, { from });
    expect(refused.body).toEqual((await mc.form(TOKEN, { appId, appPassword: 'wrong' })).body);
  });
});

describe('a token', () => {
  it('comes from the URL as printed, and opens the door from query, form and JSON', async () => {
    const answer = await mc.call('POST', `${TOKEN}?appId=${app.appId}&appPassword=${app.appSecret}`);
    expect(answer.body).toEqual({ rspCode: '000000', rspMsg: '操作完成', resultData: { token: expect.any(String) } });
    const own = answer.body.resultData.token as string;
    const done = { rspCode: '000000', rspMsg: '操作完成', resultData: [] };
    expect((await mc.call('POST', `${REPLIES}?token=${own}`)).body).toEqual(done);
    expect((await mc.form(REPLIES, { token: own })).body).toEqual(done);
    expect((await mc.json(REPLIES, { token: own })).body).toEqual(done);
    expect((await mc.form(`${REPLIES}?token=${own}`, { token: own })).body).toEqual(done);
  });

  it.each([
    ['twice in the query', () => mc.call('POST', `${REPLIES}?token=${token}&token=${token}`)],
    ['twice in the form', () => mc.call('POST', REPLIES, { body: `token=${token}&token=${token}` })],
    ['as a list', () => mc.json(REPLIES, { token: [token] })],
    ['as an object', () => mc.json(REPLIES, { token: { token } })],
    ['another one in the body', () => mc.form(`${REPLIES}?token=${token}`, { token: otherToken })],
  ])('is refused: %s', async (_how, ask) => {
    expect((await ask()).body).toMatchObject({ rspCode: '500001', rspMsg: expect.stringContaining('token') });
  });

  it('is not asked for by GET, and what the address held is not repeated', async () => {
    const answer = await mc.call('GET', `${TOKEN}?appId=${app.appId}&appPassword=${app.appSecret}`);
    expect([answer.status, answer.body]).toEqual([404, expect.objectContaining({ statusCode: 404 })]);
    expect(answer.text).not.toContain(app.appSecret);
  });

  it('is no token in a header', async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect((await mc.form(REPLIES, {}, { headers })).body.rspCode).toBe('500003');
  });
});

describe('the body', () => {
  it.each(['text/plain', 'application/json', 'multipart/form-data; boundary=x', 'nonsense'])(
    'is what it is, whatever the Content-Type says: %s',
    async (type) => {
      const headers = { 'content-type': type };
      expect((await mc.form(SEND, message(), { headers })).body.rspCode).toBe('000000');
      expect((await mc.json(SEND, message(), { headers })).body.rspCode).toBe('000000');
    },
  );

  it.each(['application/json', 'application/x-www-form-urlencoded', ''])(
    'may be empty where everything is in the URL, as %j',
    async (type) => {
      const options = { headers: { 'content-type': type }, body: '' };
      const { body } = await mc.call('POST', `${TOKEN}?appId=${app.appId}&appPassword=${app.appSecret}`, options);
      expect(body.rspCode).toBe('000000');
    },
  );

  it('may be JSON with numbers and with receivers as a list', async () => {
    const fields = {
      ...message(),
      msgType: 1,
      sendStatus: 1,
      receivers: [{ userId: 12345 }],
      status: 'x',
      isAdmin: true,
    };
    expect((await mc.json(SEND, fields)).body.rspCode).toBe('000000');
  });

  it('reads + of a form as a space, and %2B as +', async () => {
    const fields = new URLSearchParams(message({ msgtitle: 'a b+c' })).toString();
    expect(fields).toContain('a+b%2Bc');
    const { body } = await mc.call('POST', SEND, { body: fields });
    const { title } = await mc.row<{ title: string }>(`SELECT content->>'title' AS title FROM message WHERE id = $1`, [
      body.resultData.msgId,
    ]);
    expect(title).toBe('a b+c');
  });

  const form = (): string => new URLSearchParams(message()).toString();
  it.each([
    ['parts', () => `--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n${token}\r\n--b--`],
    ['broken escapes', () => `${form()}&summary=%zz`],
    ['escapes of no UTF-8', () => `${form()}&summary=%ff%fe`],
    ['bytes of no UTF-8', () => Buffer.concat([Buffer.from(`${form()}&summary=`), Buffer.from([0xff, 0xfe])])],
    ['more than 1000 fields', () => `${form()}${'&x=1'.repeat(1001)}`],
    ['a name of a megabyte', () => `${'k'.repeat(1024 * 1024)}=1&${form()}`],
    ['a repeated parameter', () => `${form()}&msgtitle=another`],
    ['a comment in JSON', () => `{"token":"${token}" // as in the document\n}`],
    ['JSON that is a list', () => `["${token}"]`],
    ['JSON nested too deep', () => `{"token":"${token}","a":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['__proto__ in JSON', () => `{"token":"${token}","__proto__":{"msgtitle":"x"}}`],
    ['receivers under a nested name', () => form().replace('receivers=', 'receivers[0][userId]=')],
  ])('is refused with %s', async (_what, body) => {
    const before = await mc.stored();
    const { status, body: answer } = await mc.call('POST', SEND, { body: body() });
    expect([status, answer.rspCode]).toEqual([200, '500001']);
    expect(await mc.stored()).toBe(before);
  });

  it('is limited: 1 MiB, and 10 MiB where it carries receivers', async () => {
    const padded = (bytes: number): Fields => message({ padding: 'x'.repeat(bytes) });
    expect((await mc.form(REPLIES, padded(1024 * 1024))).body.rspCode).toBe('500001');
    expect((await mc.form(SEND, padded(1024 * 1024))).body.rspCode).toBe('000000');
    expect((await mc.form(SEND, padded(10 * 1024 * 1024))).body.rspCode).toBe('500001');
  });
});

describe('a failure that nobody foresaw', () => {
  it('answers 999999 with the request’s id and nothing else', async () => {
    await mc.rows('ALTER TABLE uplink RENAME TO uplink_gone');
    const { status, body, headers } = await mc.form(REPLIES, { token });
    await mc.rows('ALTER TABLE uplink_gone RENAME TO uplink');
    expect([status, body.rspCode, body.resultData]).toEqual([200, '999999', null]);
    expect(body.rspMsg).toContain(headers['x-request-id']);
    expect(body.rspMsg).not.toContain('uplink');
  });
});
