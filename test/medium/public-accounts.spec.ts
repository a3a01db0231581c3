import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '#entities';
import { wechatCheck } from '../support/fakes/wechat-events.js';
import { FakeWechat } from '../support/fakes/wechat.js';
import { gatewayApp, type Answer, type GatewayApp } from '../support/gateway-app.js';

let gateway: GatewayApp;
let wechat: FakeWechat;
beforeAll(async () => {
  gateway = await gatewayApp();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  wechat = await FakeWechat.open();
});
afterEach(async () => {
  await wechat.close();
  for (const { publicId } of (await gateway.admin('GET', URL)).body.items)
    await gateway.admin('DELETE', `${URL}/${publicId}`);
});

const URL = '/v1/public-accounts';
const SECRETS = { appSecret: 'canary-app-secret', token: 'canaryToken1', encodingAesKey: 'c'.repeat(43) };
const BODY = { name: '服务号', appId: 'wxaaaa0000', ...SECRETS };
const codeOf = ({ status, body }: Answer): unknown => [status, body.code];
const fieldsOf = ({ body }: Answer): string[] => [
  ...new Set<string>(body.errors.map(({ field }: { field: string }) => field)),
];
const create = async (more: object = {}): Promise<string> => {
  const answer = await gateway.admin('POST', URL, { ...BODY, ...more });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.publicId;
};

describe('public accounts', () => {
  it('are registered under a given or a made-up id and show no secret', async () => {
    const { appId: billing } = await gateway.clientApp();
    const defaultTemplate = { templateId: 't', map: { title: 'thing1', text: 'thing2' } };
    const created = await gateway.admin('POST', URL, {
      ...BODY,
      publicId: 'gh-1',
      remark: '迎新',
      clientApps: [billing],
      defaultTemplate,
      settings: { concurrency: 7 },
      rateLimit: { perSecond: 20 },
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      publicId: 'gh-1',
      name: '服务号',
      remark: '迎新',
      provider: 'wechat',
      appId: 'wxaaaa0000',
      enabled: true,
      clientApps: [billing],
      defaultTemplate,
      settings: { concurrency: 7 },
      secretsSet: ['appSecret', 'token', 'encodingAesKey'],
      rateLimit: { perSecond: 20 },
      receiptPath: '/v1/receipts/wechat/gh-1',
      templatesSyncedAt: null,
    });
    expect((await gateway.admin('GET', `${URL}/gh-1`)).body).toEqual(created.body);
    expect(await create()).toMatch(/^[\w-]{36}$/);
    const all = await gateway.admin('GET', URL);
    expect(all.body.items).toHaveLength(2);
    const stored = await gateway.database.query(`SELECT * FROM provider_account WHERE channel = 'wechat'`);
    for (const secret of Object.values(SECRETS)) {
      expect(all.text).not.toContain(secret);
      expect(JSON.stringify(stored)).not.toContain(secret);
      expect((await gateway.admin('GET', '/v1/audit-log')).text).not.toContain(secret);
    }
  });

  it('serve the channel and are audited', async () => {
    const publicId = await create();
    const channel = await gateway.admin('GET', '/v1/channels/wechat');
    expect(channel.body).toMatchObject({ status: 'on', providers: [{ id: publicId, provider: 'wechat' }] });
    await gateway.admin('PUT', `${URL}/${publicId}`, { name: 'refused' });
    await gateway.admin('PUT', `${URL}/${publicId}`, BODY);
    await gateway.admin('DELETE', `${URL}/${publicId}`);
    const log = await gateway.admin('GET', '/v1/audit-log');
    const actions = log.body.items
      .filter(({ target }: { target: string }) => target === publicId)
      .map(({ action }: { action: string }) => action);
    expect(actions.sort()).toEqual(['public-account.create', 'public-account.delete', 'public-account.put']);
  });

  it('are replaced by PUT, which keeps the secrets that it does not name', async () => {
    const publicId = await create({ remark: 'before', settings: { concurrency: 7 } });
    const replaced = await gateway.admin('PUT', `${URL}/${publicId}`, { name: 'after', appId: 'wxbbbb', token: null });
    expect(replaced.body).toMatchObject({
      name: 'after',
      remark: '',
      appId: 'wxbbbb',
      settings: {},
      secretsSet: ['appSecret', 'encodingAesKey'],
    });
    const created = await gateway.admin('PUT', `${URL}/gh-new`, BODY);
    expect(created.body).toMatchObject({ publicId: 'gh-new', name: '服务号' });
  });

  it('forget what stopped them when they are changed', async () => {
    const publicId = await create();
    await gateway.database.query(`INSERT INTO account_health (account, state) VALUES ($1, 'stopped')`, [
      `wechat:${publicId}`,
    ]);
    await gateway.admin('PUT', `${URL}/${publicId}`, BODY);
    expect(await gateway.database.query('SELECT 1 FROM account_health')).toEqual([]);
  });

  it.each([
    [{ name: undefined }, ['name']],
    [{ appId: undefined }, ['appId']],
    [{ appSecret: undefined }, ['appSecret']],
    [{ token: 'a!' }, ['token']],
    [{ encodingAesKey: 'short' }, ['encodingAesKey']],
    [{ publicId: 'a/b' }, ['publicId']],
    [{ provider: 'smtp' }, ['provider']],
    [{ clientApps: ['nobody'] }, ['clientApps[0]']],
    [{ defaultTemplate: { templateId: 't', map: { title: 'first' } } }, ['defaultTemplate.map']],
    [{ settings: { concurrency: 0, nonsense: 1 } }, ['settings.concurrency', 'settings.nonsense']],
    [{ nonsense: 1 }, ['nonsense']],
  ])('with %j are refused naming %j', async (more, fields) => {
    const answer = await gateway.admin('POST', URL, { ...BODY, ...more });
    expect(codeOf(answer)).toEqual([400, 'invalid_request']);
    expect(fieldsOf(answer).sort()).toEqual(fields);
    expect(answer.text).not.toContain('canary');
  });

  it('are for administrators only', async () => {
    const { token } = await gateway.clientApp();
    expect((await gateway.call('GET', URL, { token })).status).toBe(403);
    expect((await gateway.call('GET', URL)).status).toBe(401);
  });

  it('exist once under an id', async () => {
    await create({ publicId: 'gh-1' });
    expect(codeOf(await gateway.admin('POST', URL, { ...BODY, publicId: 'gh-1' }))).toEqual([409, 'conflict']);
    expect(codeOf(await gateway.admin('GET', `${URL}/gh-2`))).toEqual([404, 'not_found']);
    expect(codeOf(await gateway.admin('DELETE', `${URL}/gh-2`))).toEqual([404, 'not_found']);
  });

  it('are paged', async () => {
    for (const publicId of ['gh-1', 'gh-2', 'gh-3']) await create({ publicId });
    const first = await gateway.admin('GET', `${URL}?limit=2`);
    const second = await gateway.admin('GET', `${URL}?limit=2&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.items, ...second.body.items].map(({ publicId }) => publicId);
    expect(ids).toEqual(['gh-1', 'gh-2', 'gh-3']);
    expect(second.body.nextCursor).toBeNull();
  });

  it('take the events that WeChat signs', async () => {
    await create({ publicId: 'gh-1', encodingAesKey: undefined });
    const { query } = wechatCheck({ appId: BODY.appId, token: SECRETS.token }, '12345');
    const url = `/v1/receipts/wechat/gh-1?${new URLSearchParams(query)}`;
    const answer = await gateway.call('GET', url);
    expect([answer.status, answer.text]).toEqual([200, '12345']);
    expect((await gateway.call('GET', url.replace('nonce=4', 'nonce=5'))).status).toBe(403);
  });
});

describe('public accounts and the accounts of the channel', () => {
  const channel = (providers: object[]): Promise<Answer> =>
    gateway.admin('PUT', '/v1/channels/wechat', { enabled: true, providers });
  afterEach(() => channel([]));

  it('leave each other alone', async () => {
    await create({ publicId: 'gh-1' });
    await channel([{ id: 'plain', provider: 'sandbox' }]);
    expect((await gateway.admin('GET', `${URL}/gh-1`)).status).toBe(200);
    await gateway.admin('PUT', `${URL}/gh-1`, BODY);
    const ids = async (): Promise<string[]> =>
      (await gateway.admin('GET', '/v1/channels/wechat')).body.providers.map(({ id }: { id: string }) => id);
    expect(await ids()).toEqual(['plain', 'gh-1']);
    await channel([]);
    expect(await ids()).toEqual(['gh-1']);
    await gateway.admin('DELETE', `${URL}/gh-1`);
    expect(await ids()).toEqual([]);
  });

  it('may stand in the channel as it shows them, which leaves them as they are', async () => {
    await create({ publicId: 'gh-1' });
    await channel([{ id: 'plain', provider: 'sandbox' }]);
    await gateway.database.query(`INSERT INTO account_health (account, state) VALUES ('wechat:gh-1', 'stopped')`);
    const account = (await gateway.admin('GET', `${URL}/gh-1`)).body;
    const shown = (await gateway.admin('GET', '/v1/channels/wechat')).body;
    const put = await gateway.admin('PUT', '/v1/channels/wechat', shown);
    expect([put.status, put.body.providers.map(({ id }: { id: string }) => id)]).toEqual([200, ['plain', 'gh-1']]);
    expect(put.body.providers[1].health).toEqual({ state: 'closed' });
    expect((await gateway.admin('GET', `${URL}/gh-1`)).body).toEqual(account);
    const [plain, public1] = shown.providers;
    for (const change of [
      { weight: 2 },
      { enabled: false },
      { quota: { perDay: 1 } },
      { settings: { appId: 'wxother' } },
    ])
      expect(codeOf(await channel([plain, { ...public1, ...change }]))).toEqual([409, 'conflict']);
    expect((await gateway.admin('GET', `${URL}/gh-1`)).body).toEqual(account);
  });

  it('refuse to change each other, and change nothing', async () => {
    await create({ publicId: 'gh-1' });
    expect(codeOf(await channel([{ id: 'gh-1', provider: 'sandbox' }]))).toEqual([409, 'conflict']);
    expect((await gateway.admin('GET', `${URL}/gh-1`)).body).toMatchObject({ provider: 'wechat' });
    await channel([{ id: 'plain', provider: 'sandbox' }]);
    expect(codeOf(await gateway.admin('POST', URL, { ...BODY, publicId: 'plain' }))).toEqual([409, 'conflict']);
    expect(codeOf(await gateway.admin('PUT', `${URL}/plain`, BODY))).toEqual([409, 'conflict']);
    expect((await gateway.admin('GET', `${URL}/plain`)).status).toBe(404);
  });
});

describe('templates of a public account', () => {
  const atWechat = (): Promise<string> =>
    create({ appId: wechat.tokens.appId, appSecret: wechat.tokens.appSecret, settings: { baseUrl: wechat.baseUrl } });

  it('are taken over from WeChat as they are there now', async () => {
    const publicId = await atWechat();
    const synced = await gateway.admin('POST', `${URL}/${publicId}/sync-templates`);
    expect(synced.status).toBe(200);
    expect(synced.body.items).toMatchObject([{ templateId: 'tpl-notice', title: '通知', primaryIndustry: 'IT科技' }]);
    expect((await gateway.admin('GET', `${URL}/${publicId}`)).body.templatesSyncedAt).not.toBeNull();
    wechat.templates.splice(0, 1, { ...wechat.templates[0]!, template_id: 'tpl-other' });
    await gateway.admin('POST', `${URL}/${publicId}/sync-templates`);
    const kept = await gateway.admin('GET', `${URL}/${publicId}/templates`);
    expect(kept.body.items.map(({ templateId }: { templateId: string }) => templateId)).toEqual(['tpl-other']);
    expect(wechat.callsOf('/cgi-bin/stable_token')).toHaveLength(1);
  });

  it('stay as they are where WeChat refuses, which is said', async () => {
    const publicId = await atWechat();
    await gateway.admin('POST', `${URL}/${publicId}/sync-templates`);
    await gateway.admin('PUT', `${URL}/${publicId}`, {
      ...BODY,
      appId: wechat.tokens.appId,
      settings: { baseUrl: wechat.baseUrl },
    });
    const refused = await gateway.admin('POST', `${URL}/${publicId}/sync-templates`);
    expect(codeOf(refused)).toEqual([409, 'conflict']);
    expect(refused.body.detail).toContain('40125');
    expect(refused.text).not.toContain('canary');
    expect((await gateway.admin('GET', `${URL}/${publicId}/templates`)).body.items).toHaveLength(1);
  });

  it('answer 503 where WeChat is not there', async () => {
    const publicId = await create({ settings: { baseUrl: 'http://127.0.0.1:1' } });
    expect(codeOf(await gateway.admin('POST', `${URL}/${publicId}/sync-templates`))).toEqual([503, 'unavailable']);
  });

  it('are put into a sandbox account, and into no other', async () => {
    const template = { title: '通知', content: '{{thing1.DATA}}' };
    const sandbox = (await gateway.admin('POST', URL, { name: 'play', provider: 'sandbox' })).body;
    expect(sandbox).toMatchObject({ provider: 'sandbox', appId: null, secretsSet: [] });
    const url = `${URL}/${sandbox.publicId}`;
    const put = await gateway.admin('PUT', `${url}/templates/t1`, template);
    const stored = { templateId: 't1', ...template, primaryIndustry: '', deputyIndustry: '', example: '' };
    expect(put.body).toEqual(stored);
    expect((await gateway.admin('POST', `${url}/sync-templates`)).body.items).toEqual([stored]);
    const other = await create();
    expect(codeOf(await gateway.admin('PUT', `${URL}/${other}/templates/t1`, template))).toEqual([409, 'conflict']);
    expect((await gateway.admin('PUT', `${URL}/nobody/templates/t1`, template)).status).toBe(404);
  });
});

describe('people registered by their unionid', () => {
  const register = (userId: string, publicId: string, address: string): Promise<unknown> =>
    gateway.admin('PUT', `/v1/users/${userId}`, { name: userId, addresses: { wechat: { [publicId]: address } } });
  const userOf = async (userId: string): Promise<Record<string, unknown>> =>
    (await gateway.admin('GET', `/v1/users/${userId}`)).body;

  it('are reached by the openid that they have at the account, once it is known', async () => {
    const settings = { baseUrl: wechat.baseUrl };
    const { appId, appSecret } = wechat.tokens;
    const [here, elsewhere] = [await create({ appId, appSecret, settings }), await create()];
    await register('union-1', here, 'oUnion_one');
    await register('union-2', elsewhere, 'oUnion_two');
    await register('union-3', here, 'oOpen_three');
    await gateway.app
      .get(Database, { strict: false })
      .query(`UPDATE recipient_address SET suspended_at = now(), suspended_reason = '40003' WHERE user_id = 'union-1'`);
    wechat.followersAPage = 2;
    wechat.followers.set('oOpen_none', null).set('oOpen_one', 'oUnion_one').set('oOpen_two', 'oUnion_two');
    wechat.followers.set('oOpen_three', 'oUnion_three');
    const synced = await gateway.admin('POST', `${URL}/${here}/sync-followers`);
    expect([synced.status, synced.body]).toEqual([200, { followers: 3, resolved: 1 }]);
    expect(await userOf('union-1')).toMatchObject({
      addresses: { wechat: { [here]: 'oOpen_one' } },
      suspendedAddresses: [],
    });
    expect(await userOf('union-2')).toMatchObject({ addresses: { wechat: { [elsewhere]: 'oUnion_two' } } });
    expect(await userOf('union-3')).toMatchObject({ addresses: { wechat: { [here]: 'oOpen_three' } } });
  });

  it('stay as they are where WeChat refuses, which is said', async () => {
    const publicId = await create({ appId: wechat.tokens.appId, settings: { baseUrl: wechat.baseUrl } });
    const refused = await gateway.admin('POST', `${URL}/${publicId}/sync-followers`);
    expect(codeOf(refused)).toEqual([409, 'conflict']);
    expect(refused.text).not.toContain('canary');
  });
});
