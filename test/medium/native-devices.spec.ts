import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '#platform';
import { gatewayApp, type Answer, type CallOptions, type GatewayApp, type Method } from '../support/gateway-app.js';

interface App {
  appId: string;
  call(method: Method, url: string, body?: object, options?: CallOptions): Promise<Answer>;
}

let gateway: GatewayApp;
let writer: App;
let shop: App;
let other: App;
beforeAll(async () => {
  gateway = await gatewayApp();
  const app = async (features: string[]): Promise<App> => {
    const { appId, token } = await gateway.clientApp({ channels: ['push', 'sms'], features });
    return { appId, call: (method, url, body) => gateway.call(method, url, { token, ...(body ? { body } : {}) }) };
  };
  [writer, shop, other] = await Promise.all([app(['directory-write']), app([]), app([])]);
});
afterAll(() => gateway.close());

const codeOf = ({ status, body }: Answer): [number, string] => [status, body?.code];
const phone = (over: object = {}): object => ({ userId: 'u-1', platform: 'android', ...over });
const KEYS = { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) };

describe('PUT /v1/devices/{deviceToken}', () => {
  it('registers a device whose owner nobody knows yet, and answers what is stored', async () => {
    const put = await gateway.admin('PUT', '/v1/devices/fcm:a_b-1.x', phone({ provider: 'fcm', test: true }));
    expect(put.status).toBe(200);
    expect(put.body).toEqual({
      deviceToken: 'fcm:a_b-1.x',
      userId: 'u-1',
      platform: 'android',
      provider: 'fcm',
      test: true,
      isShared: true,
      active: true,
      deactivated: null,
      subscription: null,
      registeredAt: expect.any(String),
      lastSeenAt: null,
    });
    expect((await gateway.admin('GET', '/v1/devices/fcm%3Aa_b-1.x')).body).toEqual(put.body);
  });

  it('takes a token of 512 characters and none of 513', async () => {
    expect((await gateway.admin('PUT', `/v1/devices/${'t'.repeat(512)}`, phone())).status).toBe(200);
    for (const length of [513, 2048]) {
      const answer = await gateway.admin('PUT', `/v1/devices/${'t'.repeat(length)}`, phone());
      expect(answer).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'deviceToken', detail: expect.stringMatching(/1 to 512 letters/) }] },
      });
    }
    expect(await gateway.admin('PUT', `/v1/devices/${'t'.repeat(2049)}`, phone())).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'deviceToken', detail: 'deviceToken is longer than 2048 characters' }] },
    });
    await gateway.admin('DELETE', `/v1/devices/${'t'.repeat(512)}`);
  });

  it('shows the MQTT password once, and again where a new one is asked for or the device was removed', async () => {
    const put = (query = ''): Promise<Answer> =>
      gateway.admin('PUT', `/v1/devices/term-1${query}`, phone({ provider: 'mqtt' }));
    const stored = async (): Promise<Buffer | undefined> =>
      (
        await gateway.database.query<{ hash: Buffer }>(
          `SELECT mqtt_password_hash AS hash FROM device WHERE token = 'term-1'`,
        )
      )[0]?.hash;
    const first = (await put()).body.mqtt;
    expect(first).toEqual({ username: 'term-1', password: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(await stored()).toEqual(sha256(first.password));
    expect((await put()).body.mqtt).toBeUndefined();
    expect(await stored()).toEqual(sha256(first.password));
    const rotated = (await put('?rotate=true')).body.mqtt;
    expect(rotated.password).not.toBe(first.password);
    expect(await stored()).toEqual(sha256(rotated.password));
    await gateway.admin('DELETE', '/v1/devices/term-1');
    expect((await put()).body.mqtt.password).not.toBe(rotated.password);
    await gateway.admin('PUT', '/v1/devices/term-1', phone({ provider: 'fcm' }));
    expect(await stored()).toBeNull();
  });

  it('keeps the subscription of a browser and shows no keys', async () => {
    const subscription = { endpoint: 'https://push.example.com/s/1', expirationTime: null, keys: KEYS };
    const put = await gateway.admin('PUT', '/v1/devices/browser-1', {
      userId: 'u-1',
      platform: 'web',
      provider: 'webpush',
      subscription,
    });
    expect([put.status, put.body.subscription]).toEqual([200, { endpoint: subscription.endpoint }]);
    const [row] = await gateway.database.query(`SELECT subscription FROM device WHERE token = 'browser-1'`);
    expect(row).toEqual({ subscription: { endpoint: subscription.endpoint, keys: KEYS } });
    const local = { endpoint: 'http://127.0.0.1:8790/s/1', keys: KEYS };
    expect(
      (await gateway.admin('PUT', '/v1/devices/browser-1', { userId: 'u-1', platform: 'web', subscription: local }))
        .status,
    ).toBe(200);
  });

  it.each<[string, string, object, string]>([
    ['a token with a space', 'a%20b', phone(), 'deviceToken'],
    ['no user', 'bad', { platform: 'ios' }, 'userId'],
    ['an empty user', 'bad', phone({ userId: '' }), 'userId'],
    ['an unknown platform', 'bad', phone({ platform: 'palm' }), 'platform'],
    ['an unknown provider', 'bad', phone({ provider: 'carrier-pigeon' }), 'provider'],
    ['an unknown field', 'bad', phone({ colour: 'red' }), 'colour'],
    ['webpush without a subscription', 'bad', phone({ provider: 'webpush' }), 'subscription'],
    [
      'a subscription without keys',
      'bad',
      phone({ subscription: { endpoint: 'https://p.test/1' } }),
      'subscription.keys',
    ],
    [
      'keys of a wrong size',
      'bad',
      phone({ subscription: { endpoint: 'https://p.test/1', keys: { ...KEYS, auth: 'x' } } }),
      'subscription.keys.auth',
    ],
    [
      'an endpoint that is not encrypted',
      'bad',
      phone({ subscription: { endpoint: 'http://push.example.com/1', keys: KEYS } }),
      'subscription.endpoint',
    ],
    [
      'an endpoint within the own net',
      'bad',
      phone({ subscription: { endpoint: 'https://10.0.0.1/1', keys: KEYS } }),
      'subscription.endpoint',
    ],
  ])('refuses %s and stores nothing', async (_, token, body, field) => {
    const answer = await gateway.admin('PUT', `/v1/devices/${token}`, body);
    expect([...codeOf(answer), answer.body.errors[0].field]).toEqual([400, 'invalid_request', field]);
    expect((await gateway.admin('GET', '/v1/devices/bad')).status).toBe(404);
  });

  it('brings a device back that was called dead, and says why it was out of use', async () => {
    await gateway.admin('PUT', '/v1/devices/dead-1', phone());
    await gateway.database.query(
      `UPDATE device SET deactivated_at = now(), deactivated_reason = 'UNREGISTERED', registered_at = now() - interval '1 day'
        WHERE token = 'dead-1'`,
    );
    const dead = await gateway.admin('GET', '/v1/devices/dead-1');
    expect(dead.body).toMatchObject({ active: false, deactivated: { reason: 'UNREGISTERED' } });
    const again = await gateway.admin('PUT', '/v1/devices/dead-1', phone());
    expect(again.body).toMatchObject({ active: true, deactivated: null });
    expect(Date.parse(again.body.registeredAt)).toBeGreaterThan(Date.parse(dead.body.registeredAt));
  });

  it('is in the audit log, without a password', async () => {
    await gateway.admin('PUT', '/v1/devices/term-2', phone({ provider: 'mqtt' }));
    const { body } = await gateway.admin('GET', '/v1/audit-log?limit=1');
    expect(body.items[0]).toMatchObject({ actor: 'admin', action: 'device.put', target: 'term-2', details: {} });
  });
});

describe('whose a device is', () => {
  it('shared, of the administrator and of an app that writes the directory; else of the app alone', async () => {
    expect((await writer.call('PUT', '/v1/devices/w-1', phone({ userId: 'u-w' }))).body.isShared).toBe(true);
    expect((await shop.call('PUT', '/v1/devices/s-1', phone({ userId: 'u-w' }))).body.isShared).toBe(false);
    const seen = async (who: App): Promise<string[]> =>
      (await who.call('GET', '/v1/devices?user=u-w')).body.items.map((one: { deviceToken: string }) => one.deviceToken);
    expect(await seen(writer)).toEqual(['w-1']);
    expect(await seen(shop)).toEqual(['s-1']);
    expect(await seen(other)).toEqual([]);
    const all = await gateway.admin('GET', '/v1/devices?user=u-w');
    expect(all.body.items.map((one: { deviceToken: string }) => one.deviceToken)).toEqual(['s-1', 'w-1']);
  });

  it('is not told to others, nor may they take it over or remove it; the administrator may', async () => {
    await shop.call('PUT', '/v1/devices/s-2', phone());
    expect(codeOf(await other.call('GET', '/v1/devices/s-2'))).toEqual([404, 'not_found']);
    expect(codeOf(await other.call('PUT', '/v1/devices/s-2', phone({ userId: 'thief' })))).toEqual([409, 'conflict']);
    expect(codeOf(await writer.call('PUT', '/v1/devices/s-2', phone({ userId: 'thief' })))).toEqual([409, 'conflict']);
    expect(codeOf(await other.call('DELETE', '/v1/devices/s-2'))).toEqual([404, 'not_found']);
    expect((await shop.call('GET', '/v1/devices/s-2')).body.userId).toBe('u-1');
    expect((await gateway.admin('PUT', '/v1/devices/s-2', phone())).body.isShared).toBe(true);
    expect(codeOf(await shop.call('DELETE', '/v1/devices/s-2'))).toEqual([404, 'not_found']);
    expect((await gateway.admin('DELETE', '/v1/devices/s-2')).status).toBe(204);
    expect(codeOf(await gateway.admin('DELETE', '/v1/devices/s-2'))).toEqual([404, 'not_found']);
  });

  it('is asked for by a token only', async () => {
    expect((await gateway.call('GET', '/v1/devices')).status).toBe(401);
    expect((await gateway.call('PUT', '/v1/devices/x', { body: phone() })).status).toBe(401);
  });
});

describe('GET /v1/devices', () => {
  it('pages in the order of tokens', async () => {
    for (const n of [3, 1, 2]) await gateway.admin('PUT', `/v1/devices/page-${n}`, phone({ userId: 'pager' }));
    const first = (await gateway.admin('GET', '/v1/devices?user=pager&limit=2')).body;
    expect(first.items.map((one: { deviceToken: string }) => one.deviceToken)).toEqual(['page-1', 'page-2']);
    const rest = (await gateway.admin('GET', `/v1/devices?user=pager&limit=2&cursor=${first.nextCursor}`)).body;
    expect([rest.items[0].deviceToken, rest.items.length, rest.nextCursor]).toEqual(['page-3', 1, null]);
  });
});

describe('POST /v1/messages to devices', () => {
  const message = (to: object): object => ({ to, content: { title: 'T', text: 'x' } });

  it('is accepted, and dry-run says what would become of each', async () => {
    await shop.call('PUT', '/v1/devices/mine', phone({ userId: 'u-9' }));
    const dry = await shop.call('POST', '/v1/messages/dry-run', message({ devices: ['mine', 'none', 'mine'] }));
    expect(dry.body.items).toEqual([
      {
        recipient: 'u-9',
        name: null,
        device: 'mine',
        deliveries: [{ channel: 'push', content: { title: 'T', text: 'x' } }],
      },
      { recipient: null, name: null, device: 'none', deliveries: [{ channel: 'push', skipped: 'unknown_device' }] },
    ]);
    const outside = message({ addresses: [{ channel: 'push', address: 'given' }] });
    expect((await shop.call('POST', '/v1/messages/dry-run', outside)).body.items).toMatchObject([
      { recipient: null, address: 'given', deliveries: [{ channel: 'push' }] },
    ]);
    const answer = await shop.call('POST', '/v1/messages', message({ devices: ['mine', 'mine'] }));
    expect(answer.status).toBe(202);
    expect(await gateway.database.query('SELECT audience FROM message WHERE id = $1', [answer.body.id])).toEqual([
      { audience: { devices: { tokens: ['mine'] } } },
    ]);
  });

  it('is refused where the app may not use push', async () => {
    const { token } = await gateway.clientApp({ channels: ['sms'] });
    const answer = await gateway.call('POST', '/v1/messages', { token, body: message({ devices: ['mine'] }) });
    expect(codeOf(answer)).toEqual([403, 'channel_closed']);
  });
});
