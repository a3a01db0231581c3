import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RPC, SendNowV1 } from '#contracts';
import { CatalogWatch } from '#entities';
import { MessageBus, type Transport } from '#messaging';
import { AcceptMessageService } from '../../apps/gateway/src/intake/accept-message.service.js';
import { ClientAppAccess } from '../../apps/gateway/src/access/client-app-access.service.js';
import { FakeWechat, type FakeTemplate } from '../support/fakes/wechat.js';
import { gatewayApp, type Answer, type GatewayApp } from '../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../support/whole-center.js';

const SEND = '/message/sendTemplateApi';
const ACCOUNTS = '/message/getPublicList';
const TEMPLATES = '/message/getTemplateList';
const CHECK = '/message/checkMessageStatusApi';
const WECHAT_SENDS = '/cgi-bin/message/template/send';

const TEMPLATE: FakeTemplate = {
  template_id: 'hLvE9RSVGrNHCBFHkbAgTjaaFLH8sS66Z7Wu8K3EyS4',
  title: '待办审批提醒',
  primary_industry: 'IT科技',
  deputy_industry: 'IT软件与服务',
  content:
    '{{first.DATA}}\n业务系统：{{keyword1.DATA}}\n所属业务：{{keyword2.DATA}}\n代办事项：{{keyword3.DATA}}\n申请人：{{keyword4.DATA}}\n当前环节：{{keyword5.DATA}}\n{{remark.DATA}}',
  example: '您好，您有一条待办审批提醒\r\n业务系统：EHR',
};
/** As the published interface shows it. */
const EXAMPLE = {
  userId: 'yezz',
  publicId: 'gh',
  messageType: '1',
  templateId: TEMPLATE.template_id,
  url: 'https://www.vanytech.com',
  data: {
    keyword1: { value: 'OA办公系统' },
    keyword2: { value: '办公用品申领' },
    keyword3: { value: '记事本办公用品申领' },
    keyword4: { value: '肖贾' },
    keyword5: { value: '领导审批' },
  },
};

let mc: WholeCenter;
let wechat: FakeWechat;
let other: { appId: string; token: string };
let poor: { token: string };

beforeAll(async () => {
  mc = await wholeCenter();
  other = await mc.clientApp({ name: 'other', channels: ['wechat'] });
  poor = await mc.clientApp({ name: 'poor', channels: ['portal'] });
  wechat = await FakeWechat.open();
  wechat.templates.push(TEMPLATE);
  const { appSecret } = wechat.tokens;
  await register('gh', { remark: '备注' });
  await register('gh-off', { enabled: false });
  await register('gh-other', { clientApps: [other.appId] });
  await register('gh-broken', { appSecret: `${appSecret}-wrong` });
  for (const [user, openid] of [
    ['yezz', 'oPENid-yezz'],
    ['left', 'oPENid-left'],
    ['silent', 'silent'],
    ['black', 'errcode-43019'],
    ['busy', 'errcode--1'],
  ] as const)
    await mc.person(user, { wechat: { gh: openid } });
  await mc.person('nobody', {});
  wechat.unsubscribed.add('oPENid-left');
});
beforeEach(() => {
  wechat.listErrcode = 0;
  wechat.shown.length = 0;
  wechat.requests.length = 0;
});
afterEach(() => mc.keepsItsPromises());
afterAll(async () => {
  await mc.close();
  await wechat.close();
});

async function register(publicId: string, more: object = {}): Promise<void> {
  const { appId, appSecret } = wechat.tokens;
  const settings = { baseUrl: wechat.baseUrl, timeoutMs: 500 };
  const body = { name: '平台名称', appId, appSecret, settings, ...more };
  const { status, text } = await mc.admin('PUT', `/v1/public-accounts/${publicId}`, body);
  if (status !== 200) throw new Error(text);
  await mc.app.get(CatalogWatch, { strict: false }).look();
}

const ask = (path: string, fields: object = {}, token = mc.appToken): Promise<Answer> =>
  mc.call('POST', path, { body: { token, ...fields } });
const send = (fields: object = {}, token?: string): Promise<Answer> => ask(SEND, { ...EXAMPLE, ...fields }, token);
const templates = (publicId: string, more = {}): Promise<Answer> => ask(TEMPLATES, { publicId, ...more });
const makeOld = (): Promise<unknown> =>
  mc.rows(`UPDATE public_account SET templates_synced_at = now() - interval '11 minutes' WHERE public_id = 'gh'`);
const sends = (): number => wechat.callsOf(WECHAT_SENDS).length;
const messages = async (): Promise<number> => (await mc.rows('SELECT id FROM message')).length;
let links = 0;
/** A link that no other to-do has. */
const url = (): string => `https://e.com/${++links}`;
async function todo(fields: object = {}): Promise<string> {
  const { body } = await send({ messageType: '2', url: url(), ...fields });
  return body.resultData.messageId as string;
}

describe('the public accounts of an app', () => {
  it('are listed with whether they can be used, those of other apps are not', async () => {
    const { body, text } = await mc.call('POST', `${ACCOUNTS}?token=${mc.appToken}`);
    expect(Object.keys(body)).toEqual(['rspCode', 'rspMsg', 'debuggerErrorMsg', 'resultData']);
    expect(body).toMatchObject({ rspCode: '000000', debuggerErrorMsg: null });
    expect(body.resultData).toEqual([
      { appId: mc.appId, publicName: '平台名称', publicId: 'gh', remark: '备注', status: '1' },
      expect.objectContaining({ publicId: 'gh-broken' }),
      { appId: mc.appId, publicName: '平台名称', publicId: 'gh-off', remark: '', status: '2' },
    ]);
    expect(text).not.toContain('gh-other');
  });

  it('cannot be used where the channel is not open to the app', async () => {
    const { body } = await ask(ACCOUNTS, {}, poor.token);
    expect(body.resultData.map(({ status }: { status: string }) => status)).toEqual(['2', '2', '2']);
  });
});

describe('the templates of an account', () => {
  it('are those of WeChat, in its own six fields', async () => {
    const { body } = await templates('gh');
    expect(Object.keys(body)).toEqual(['rspCode', 'rspMsg', 'debuggerErrorMsg', 'resultData']);
    expect(body.resultData).toEqual(expect.arrayContaining([TEMPLATE]));
    expect(body.resultData).toHaveLength(wechat.templates.length);
  });

  it('are asked for again when the copy is older than ten minutes, once for all who ask', async () => {
    const lists = (): number => wechat.callsOf('/cgi-bin/template/get_all_private_template').length;
    await templates('gh');
    wechat.requests.length = 0;
    await templates('gh');
    expect(lists()).toBe(0);
    await makeOld();
    await Promise.all([templates('gh'), templates('gh'), templates('gh')]);
    expect(lists()).toBe(1);
  });
});

describe('a template message', () => {
  it('is shown to the follower before the call is answered, and stands in the portal', async () => {
    const { body } = await send();
    expect(Object.keys(body)).toEqual(['rspCode', 'rspMsg', 'debuggerErrorMsg', 'resultData']);
    expect(body).toMatchObject({
      rspCode: '000000',
      rspMsg: '操作完成',
      resultData: { status: '0', info: '发送成功' },
    });
    expect(wechat.shown).toMatchObject([
      { openid: 'oPENid-yezz', template_id: TEMPLATE.template_id, url: EXAMPLE.url, data: EXAMPLE.data },
    ]);
    const { body: inbox } = await mc.admin('GET', '/v1/users/yezz/inbox');
    expect(inbox.items[0]).toMatchObject({ title: TEMPLATE.title });
    const report = await mc.report(body.resultData.messageId as string);
    expect(report.map(({ channel, status }) => [channel, status])).toEqual([
      ['wechat', 'sent'],
      ['portal', 'delivered'],
    ]);
  });

  it('goes out in a form as well, its data as JSON text', async () => {
    const fields = { ...EXAMPLE, token: mc.appToken, data: JSON.stringify(EXAMPLE.data) };
    const { body } = await mc.call('POST', SEND, { body: new URLSearchParams(fields).toString() });
    expect(body.resultData.status).toBe('0');
  });

  it('needs no head and no foot, and leaves out what the template does not take', async () => {
    await send({ data: { ...EXAMPLE.data, first: { value: '您好' }, extra: { value: 'x' } } });
    expect(wechat.shown[0]?.data).toEqual({ ...EXAMPLE.data, first: { value: '您好' } });
  });

  it.each([
    ['refuses', 'black', /^发送失败：用户已被公众号列入黑名单（43019/],
    ['is too busy for', 'busy', /^发送失败：.*-1/],
    ['does not answer', 'silent', /^结果未知$/],
  ])('that WeChat %s is told so and never tried again', async (_what, userId, info) => {
    const { body } = await send({ userId });
    expect(body).toMatchObject({ rspCode: '000000', resultData: { status: '1', info: expect.stringMatching(info) } });
    expect(sends()).toBe(1);
    await mc.passTime();
    const [row] = await mc.report(body.resultData.messageId as string);
    expect(['failed', 'unknown']).toContain(row?.status);
    expect(await mc.rows(`SELECT id FROM work WHERE kind = 'deliver'`)).toEqual([]);
    expect(sends()).toBe(1);
  });

  it('goes out once however many are sent at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send({ url: url() })));
    expect(answers.map(({ body }) => body.resultData.status)).toEqual(answers.map(() => '0'));
    expect(new Set(wechat.shown.map((shown) => shown.url)).size).toBe(20);
    expect(sends()).toBe(20);
  });

  it('goes out once by the usual way where the gateway died after storing it', async () => {
    const app = await mc.app.get(ClientAppAccess, { strict: false }).authenticate(mc.appToken, '127.0.0.1');
    if (typeof app === 'string') throw new Error(app);
    const { messageId } = await mc.app.get(AcceptMessageService, { strict: false }).accept({
      app,
      door: 'platform',
      to: { users: [{ id: 'yezz' }] },
      channels: { mode: 'list', list: ['wechat'] },
      publicAccount: 'gh',
      isInPortal: true,
      realTime: true,
      content: { title: '放假', text: '放假', templateId: 'tpl-notice' },
      params: { thing1: '放假', thing2: '周五' },
    });
    await mc.until(
      'it was sent',
      async () => {
        await mc.passTime();
        return mc.report(messageId);
      },
      (rows) => rows.some(({ status }) => status === 'sent'),
    );
    expect(wechat.shown).toMatchObject([{ template_id: 'tpl-notice', data: { thing2: { value: '周五' } } }]);
  });
});

describe('every code of the WeChat calls', () => {
  const cases: [code: string, why: string, call: () => Promise<Answer>][] = [
    ['600000', 'templates of an unknown account', () => templates('gh-none')],
    ['600000', 'sending through an unknown account', () => send({ publicId: 'gh-none' })],
    [
      '600001',
      'an error of WeChat',
      async () => {
        await makeOld();
        wechat.listErrcode = 45011;
        return templates('gh');
      },
    ],
    ['600002', 'no token to be had', () => templates('gh-broken')],
    ['600003', 'a user without openid there', () => send({ userId: 'nobody' })],
    ['600003', 'a user whom nobody knows', () => send({ userId: 'stranger' })],
    ['600004', 'no user', () => send({ userId: '' })],
    ['600005', 'no account to send through', () => send({ publicId: '' })],
    ['600005', 'no account to list', () => ask(TEMPLATES)],
    ['600006', 'no template', () => send({ templateId: '' })],
    ['600007', 'a placeholder without a value', () => send({ data: { ...EXAMPLE.data, keyword4: {} } })],
    ['600008', 'an unknown template', () => send({ templateId: 'tpl-none' })],
    [
      '600009',
      'a notice that is to be done',
      async () => {
        const { body } = await send();
        return ask(CHECK, { messageType: '2', msgId: body.resultData.messageId });
      },
    ],
    [
      '600010',
      'a to-do that is open already',
      async () => ask(CHECK, { messageType: '2', msgId: await todo(), state: '1' }),
    ],
    ['600011', 'an account that is switched off', () => send({ publicId: 'gh-off' })],
    ['600020', 'an app that is unknown', () => ask(ACCOUNTS, { appId: 'nobody' })],
    ['600020', 'an app that is another’s', () => templates('gh', { appId: other.appId })],
    ['600021', 'apps of which some are unknown', () => ask(ACCOUNTS, { appId: `${mc.appId},nobody` })],
    ['600022', 'an account of another app', () => send({ publicId: 'gh-other' })],
    ['600022', 'templates of an account of another app', () => templates('gh-other')],
    ['600023', 'a message that is none', () => ask(CHECK, { messageType: '2', msgId: 'msg123456' })],
    ['600023', 'another app’s message', async () => ask(CHECK, { messageType: '2', msgId: await todo() }, other.token)],
    [
      '600023',
      'a message that went out otherwise',
      async () => ask(CHECK, { messageType: '2', msgId: await mc.send(['yezz'], ['portal'], 'x', { kind: 'todo' }) }),
    ],
    ['600024', 'a user who left', () => send({ userId: 'left' })],
    ['500001', 'a type that there is not', () => send({ messageType: '3' })],
    ['500001', 'a link that is none', () => send({ url: 'javascript:alert(1)' })],
    ['500001', 'data that is none', () => send({ data: ['x'] })],
    ['500001', 'comments in JSON', () => mc.call('POST', SEND, { body: '{"userId":"yezz" //学工号\n}' })],
    ['500003', 'no token', () => send({}, '')],
    ['500010', 'the channel not open to the app', () => send({}, poor.token)],
    [
      '500013',
      'a sensitive word in a value',
      async () => {
        await mc.rows(`INSERT INTO sensitive_word (word) VALUES ('违禁词') ON CONFLICT DO NOTHING`);
        await mc.rows(`UPDATE catalog_revision SET revision = revision + 1 WHERE topic = 'sensitive_word'`);
        await mc.app.get(CatalogWatch, { strict: false }).look();
        return send({ data: { ...EXAMPLE.data, keyword1: { value: '违 禁-词' } } });
      },
    ],
    [
      '500015',
      'a to-do that is open already',
      async () => {
        const again = url();
        await todo({ url: again });
        return send({ messageType: '2', url: again });
      },
    ],
  ];
  it.each(cases)('%s: %s', async (code, _why, call) => {
    const { status, body } = await call();
    expect([status, body.rspCode, body.resultData]).toEqual([200, code, null]);
    expect(body.rspMsg).toMatch(/\p{Script=Han}/u);
  });

  it('names what is wrong', async () => {
    await makeOld();
    wechat.listErrcode = 45011;
    expect((await templates('gh')).body.rspMsg).toContain('45011');
    expect((await templates('gh-broken')).body.rspMsg).toContain('40125');
    expect((await send({ data: {} })).body.rspMsg).toContain('keyword1');
  });

  it('leaves nothing behind', async () => {
    const before = await messages();
    for (const fields of [{ userId: 'nobody' }, { templateId: 'tpl-none' }, { publicId: 'gh-off' }, { data: {} }])
      await send(fields);
    expect([await messages(), sends()]).toEqual([before, 0]);
  });

  it.each([
    ['a notice', { messageType: '1' }],
    ['a to-do', { messageType: '2' }],
  ])('leaves nothing behind that its receiver sees where WeChat says that he has left: %s', async (_kind, fields) => {
    const userId = `went-${fields.messageType}`;
    const addresses = { wechat: { gh: `oPENid-${userId}` } };
    await mc.person(userId, addresses);
    wechat.unsubscribed.add(addresses.wechat.gh);
    const call = { userId, url: url(), ...fields };
    expect((await send(call)).body).toMatchObject({ rspCode: '600024', resultData: null });
    expect((await mc.admin('GET', `/v1/users/${userId}/inbox`)).body.items).toEqual([]);
    const attempts = await mc.rows(
      `SELECT d.channel, d.status FROM delivery d JOIN delivery_attempt a USING (message_id, seq) WHERE d.recipient = $1`,
      [userId],
    );
    expect(attempts).toEqual([{ channel: 'wechat', status: 31 }]);
    wechat.unsubscribed.delete(addresses.wechat.gh);
    await mc.person(userId, addresses);
    expect((await send(call)).body).toMatchObject({ rspCode: '000000', resultData: { status: '0' } });
    expect((await mc.admin('GET', `/v1/users/${userId}/inbox`)).body.items).toHaveLength(1);
  });

  it('knows who left without asking WeChat again', async () => {
    await mc.person('gone', { wechat: { gh: 'oPENid-gone' } });
    wechat.unsubscribed.add('oPENid-gone');
    expect([(await send({ userId: 'gone' })).body.rspCode, sends()]).toEqual(['600024', 1]);
    expect([(await send({ userId: 'gone' })).body.rspCode, sends()]).toEqual(['600024', 1]);
  });
});

describe('a to-do that went out as a template message', () => {
  it('is closed and opened again by its msgId, one step a receiver', async () => {
    const msgId = await todo();
    const close = await ask(CHECK, { messageType: '2', msgId });
    expect(close.body).toMatchObject({
      rspCode: '000000',
      resultData: { total: 1, flowId: msgId, msglist: [{ rspCode: '000000', rspMsg: '操作成功' }] },
    });
    expect((await ask(CHECK, { messageType: '2', msgId, state: '2' })).body.rspCode).toBe('600010');
    expect((await ask(CHECK, { messageType: '2', msgId, state: '1' })).body.rspCode).toBe('000000');
  });

  it('may be sent again once it is done', async () => {
    const again = url();
    const msgId = await todo({ url: again });
    await ask(CHECK, { messageType: '2', msgId });
    expect((await send({ messageType: '2', url: again })).body.rspCode).toBe('000000');
  });

  it('may not be sent again once it is open again, nor opened again where a newer one is open', async () => {
    const again = url();
    const old = await todo({ url: again });
    await ask(CHECK, { messageType: '2', msgId: old });
    await ask(CHECK, { messageType: '2', msgId: old, state: '1' });
    expect((await send({ messageType: '2', url: again })).body.rspCode).toBe('500015');
    await ask(CHECK, { messageType: '2', msgId: old });
    const newer = await todo({ url: again });
    expect((await ask(CHECK, { messageType: '2', msgId: old, state: '1' })).body).toMatchObject({
      rspCode: '500015',
      resultData: null,
    });
    await ask(CHECK, { messageType: '2', msgId: newer });
    expect((await ask(CHECK, { messageType: '2', msgId: old, state: '1' })).body.rspCode).toBe('000000');
  });
});

describe('the channel wechat', () => {
  it('switched off refuses with 500014', async () => {
    await mc.rows(`INSERT INTO channel_config (channel, enabled) VALUES ('wechat', false)
                   ON CONFLICT (channel) DO UPDATE SET enabled = false`);
    const look = async (): Promise<void> => {
      await mc.rows(`UPDATE catalog_revision SET revision = revision + 1 WHERE topic = 'channel'`);
      await mc.app.get(CatalogWatch, { strict: false }).look();
    };
    await look();
    expect((await send()).body.rspCode).toBe('500014');
    await mc.rows(`UPDATE channel_config SET enabled = true WHERE channel = 'wechat'`);
    await look();
    expect((await send()).body.rspCode).toBe('000000');
  });
});

describe('a template message, where nobody is there to send it,', () => {
  let gateway: GatewayApp;
  let token: string;
  beforeAll(async () => {
    gateway = await gatewayApp({ SANDBOX: 'off' });
    ({ token } = await gateway.clientApp({ channels: ['wechat'] }));
    const { appId, appSecret } = wechat.tokens;
    const account = { name: '平台名称', appId, appSecret, settings: { baseUrl: wechat.baseUrl } };
    await gateway.admin('PUT', '/v1/public-accounts/gh', account);
    await gateway.admin('PUT', '/v1/users/yezz', { name: 'yezz', addresses: { wechat: { gh: 'oPENid-yezz' } } });
    await gateway.app.get(CatalogWatch).look();
  });
  afterAll(() => gateway.close());
  const sendHere = (): Promise<Answer> => gateway.call('POST', SEND, { body: { token, ...EXAMPLE } });

  it('is refused and not kept', async () => {
    expect((await sendHere()).body).toMatchObject({ rspCode: '999999', resultData: null });
    expect(await gateway.database.query('SELECT id FROM message')).toEqual([]);
  });

  it('is cancelled where the worker went away after it was asked for', async () => {
    const bus = gateway.app.get(MessageBus) as Transport;
    const answer = (): Promise<object> => {
      void bus.stopListening();
      return Promise.resolve({});
    };
    await bus.listen([], [{ pattern: RPC.sendNow('wechat'), contract: SendNowV1, prefetch: 1, answer }]);
    expect((await sendHere()).body).toMatchObject({ rspCode: '999999', resultData: null });
    expect(await gateway.database.query('SELECT cancel_requested_at IS NOT NULL AS asked FROM message_state')).toEqual([
      { asked: true },
    ]);
    expect(await gateway.database.query(`SELECT id FROM work WHERE kind = 'deliver'`)).toEqual([]);
    // Its caller has no id by which he could call it off in the portal.
    expect(await gateway.database.query('SELECT seq FROM delivery WHERE inbox_state IS NOT NULL')).toEqual([]);
  });
});
