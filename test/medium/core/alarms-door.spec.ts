import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountHealthRepository, AlarmRepository, newMessageId } from '#entities';
import { gatewayApp, type Answer, type GatewayApp } from '../../support/gateway-app.js';
import { emptying } from '../../support/emptying.js';

let gateway: GatewayApp;
beforeAll(async () => {
  gateway = await gatewayApp();
});
afterEach(async () => {
  await gateway.database.query(emptying('alarm, account_health, work'));
});
afterAll(() => gateway.close());

const fieldsOf = (answer: Answer): string[] => answer.body.errors.map((error: { field: string }) => error.field);
const mail = (fields: object = {}, settings: object = {}): object => ({
  enabled: true,
  providers: [
    {
      id: 'main',
      provider: 'smtp',
      settings: { host: 'smtp.example.com', from: 'a@example.com', user: 'u', pass: 'p', ...settings },
      ...fields,
    },
  ],
});
const put = (body: object): Promise<Answer> => gateway.admin('PUT', '/v1/channels/mail', body);
const mainOf = async (): Promise<Record<string, unknown>> =>
  (await gateway.admin('GET', '/v1/channels/mail')).body.providers[0];

describe('an account’s limits', () => {
  it('are set, shown and checked', async () => {
    const reports = { dsn: 'success_and_failure', callbackToken: 'a'.repeat(32) };
    await put(mail({ quota: { perHour: 10, perDay: 100 }, receiptWithin: 300, weight: 0 }, reports));
    expect(await mainOf()).toMatchObject({
      quota: { perHour: 10, perDay: 100 },
      receiptWithin: 300,
      weight: 0,
      health: { state: 'closed' },
    });
    await put(mail({ quota: { perDay: 100 } }));
    expect(await mainOf()).toMatchObject({ quota: { perDay: 100 }, receiptWithin: null });
    const wrong = await put(mail({ quota: { perHour: 0, perWeek: 1 }, receiptWithin: 1 }));
    expect(fieldsOf(wrong).sort()).toEqual([
      'providers[0].quota.perHour',
      'providers[0].quota.perWeek',
      'providers[0].receiptWithin',
    ]);
  });
});

describe('receiptWithin', () => {
  const setUp = (channel: string, provider: string, settings: object): Promise<Answer> =>
    gateway.admin('PUT', `/v1/channels/${channel}`, {
      enabled: true,
      providers: [{ id: 'main', provider, settings, receiptWithin: 60 }],
    });
  const smpp = { host: '127.0.0.1', systemId: 'a', password: 'b', sourceAddr: '1069' };
  const smtp = { host: 'smtp.example.com', from: 'a@example.com' };
  const aliyun = { accessKeyId: 'id', accessKeySecret: 's', signName: '示例' };
  const tencent = { secretId: 'id', secretKey: 's', smsSdkAppId: '1400006666', signName: '示例' };
  afterAll(async () => {
    for (const channel of ['wecom', 'dingtalk', 'webhook', 'sms', 'push'])
      await gateway.admin('PUT', `/v1/channels/${channel}`, { enabled: true, providers: [] });
  });

  it.each([
    ['wecom', 'wecom', { corpId: 'ww0123456789abcdef', secret: 's', agentId: 1 }],
    ['dingtalk', 'dingtalk-robot', { accessToken: 'token', signSecret: 'SECsecret' }],
    ['webhook', 'webhook', {}],
    ['push', 'jpush', { appKey: 'appkey0123', masterSecret: 'secret0123' }],
    ['push', 'mqtt', { url: 'mqtt://127.0.0.1:1', acks: 'none' }],
    ['sms', 'smpp', { ...smpp, requestReceipts: false }],
    ['sms', 'aliyun', aliyun],
    ['mail', 'smtp', { ...smtp, callbackToken: 'a'.repeat(32) }],
    ['mail', 'smtp', { ...smtp, dsn: 'success_and_failure', callbackToken: null }],
    ['sms', 'tencent', tencent],
  ])('is refused on %s/%s, which sends no receipts with %j', async (channel, provider, settings) => {
    const answer = await setUp(channel, provider, settings);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['providers[0].receiptWithin']]);
  });

  it.each([
    ['dingtalk', 'dingtalk', { appKey: 'dingexample', appSecret: 's', agentId: 1 }],
    ['sms', 'smpp', smpp],
    ['push', 'jpush', { appKey: 'appkey0123', masterSecret: 'secret0123', receipts: true }],
    ['push', 'mqtt', { url: 'mqtt://127.0.0.1:1' }],
    ['sms', 'aliyun', { ...aliyun, callbackToken: 'a'.repeat(32) }],
    ['sms', 'tencent', { ...tencent, callbackIps: ['203.0.113.0/24'] }],
    ['sms', 'sandbox', {}],
  ])('is taken on %s/%s', async (channel, provider, settings) => {
    expect((await setUp(channel, provider, settings)).status).toBe(200);
  });
});

describe('an account’s health', () => {
  const health = (): AccountHealthRepository => gateway.app.get(AccountHealthRepository, { strict: false });
  const waiting = async (): Promise<void> => {
    await gateway.database.query(
      `INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at, waits_for_account)
       VALUES ('deliver', $1, 'app', 'mail', 1, '{0}', now() + interval '9 minutes', true)`,
      [newMessageId(Date.now())],
    );
  };
  const isDue = async (): Promise<boolean | undefined> =>
    (await gateway.database.query<{ is_due: boolean }>('SELECT due_at <= now() AS is_due FROM work'))[0]?.is_due;

  it('is shown with the provider’s words, and until when it is out of quota', async () => {
    await put(mail());
    await health().stop('mail:main', { code: '535', words: 'authentication failed' });
    await health().park('mail:main', 3_600_000, 'quota_day');
    const shown = (await mainOf())['health'];
    expect(shown).toMatchObject({
      state: 'stopped',
      code: '535',
      words: 'authentication failed',
      parkedReason: 'quota_day',
    });
    expect(shown).toMatchObject({
      until: expect.stringMatching(/^\d{4}-/),
      parkedUntil: expect.stringMatching(/^\d{4}-/),
    });
  });

  it.each([
    ['a setting', mail({}, { host: 'other.example.com' })],
    ['a secret', mail({}, { pass: 'right' })],
    ['a quota', mail({ quota: { perDay: 5 } })],
    ['the provider', { enabled: true, providers: [{ id: 'main', provider: 'sandbox' }] }],
    ['that it is there', { enabled: true, providers: [] }],
    ['nothing', mail()],
  ])('is forgotten when %s changes, and what waits is due at once', async (_, body) => {
    await put(mail());
    await health().stop('mail:main', { code: '535', words: 'no' });
    await waiting();
    expect((await put(body)).status).toBe(200);
    expect(await health().list()).toEqual([]);
    expect(await isDue()).toBe(true);
    expect((await gateway.admin('GET', '/v1/alarms?state=open')).body.items).toEqual([]);
  });

  it('stays as it is where the account is not named, and what waits is due at once all the same', async () => {
    await put(mail());
    await health().stop('mail:main', { code: '535', words: 'no' });
    await waiting();
    await put({ enabled: true });
    expect(await mainOf()).toMatchObject({ health: { state: 'stopped' } });
    expect(await isDue()).toBe(true);
  });
});

describe('GET /v1/alarms', () => {
  it('pages through them, newest first, open and cleared', async () => {
    const alarms = gateway.app.get(AlarmRepository, { strict: false });
    for (const subject of ['a', 'b', 'c'])
      await gateway.database.transaction((tx) =>
        alarms.raise(tx, 'sms_budget', subject, 'nearly used', { share: 0.8 }),
      );
    await gateway.database.transaction((tx) => alarms.clear(tx, ['sms_budget'], ['b']));
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const page = await gateway.admin('GET', `/v1/alarms?limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.body.items.map((item: { subject: string; state: string }) => [item.subject, item.state]));
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(seen).toEqual([
      ['c', 'open'],
      ['b', 'cleared'],
      ['a', 'open'],
    ]);
    const [first] = (await gateway.admin('GET', '/v1/alarms?state=open')).body.items;
    expect(first).toMatchObject({ kind: 'sms_budget', detail: 'nearly used', data: { share: 0.8 }, clearedAt: null });
    expect((await gateway.admin('GET', '/v1/alarms?state=x')).status).toBe(400);
  });

  it('is the administrator’s', async () => {
    const { token } = await gateway.clientApp();
    expect((await gateway.call('GET', '/v1/alarms', { token })).status).toBe(403);
  });
});
