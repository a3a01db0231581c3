import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { CatalogWatch } from '#entities';
import { PspError } from '../../apps/gateway/src/doors/psp/psp.error.js';
import { PspGuard } from '../../apps/gateway/src/doors/psp/psp.guard.js';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { gatewayApp, type Answer, type GatewayApp } from '../support/gateway-app.js';
import { pspDoor, refusalOf, signed, type PspDoor, type Signer } from './psp-door.fixture.js';

const MINUTE_MS = 60_000;

let mc: PspDoor;
let app: Signer;
let other: Signer;
/** Processes of the same center that let a signed call in once. */
let once: GatewayApp[];
beforeAll(async () => {
  const env = { MASTER_KEY: randomBytes(32).toString('hex'), ADMIN_TOKEN: randomBytes(16).toString('hex') };
  mc = await pspDoor(env);
  once = [];
  for (const _ of [1, 2]) {
    once.push(
      await gatewayApp(
        { ...env, PSP_REPLAY: 'once', PSP_LIMITS: '2048,1024' },
        { rootModule: GatewayModule, databaseUrl: mc.databaseUrl },
      ),
    );
  }
  app = await mc.pushApp();
  other = await mc.pushApp();
  await mc.devices(
    { token: 'phone-1' },
    { token: 'phone-2', user: 'u2', platform: 'ios' },
    { token: 'phone-3', user: 'u3', test: true },
    { token: 'phone-delivered', user: 'u3' },
    { token: 'foreign', user: 'u9', app: other.appId },
  );
  await mc.rows(`INSERT INTO recipient (user_id) VALUES ('u1'), ('u2'), ('u3'), ('u4')`);
  await mc.rows(`INSERT INTO org_unit (code, name, parent) VALUES ('44', 'all', NULL), ('4401', 'one', '44')`);
  await mc.rows(
    `INSERT INTO recipient_org_unit (org_unit, user_id) VALUES ('44', 'u2'), ('4401', 'u3'), ('4401', 'u4')`,
  );
  await mc.rows(`INSERT INTO sensitive_word (word) VALUES ('forbidden-word')`);
  await mc.rows('UPDATE catalog_revision SET revision = revision + 1');
});
afterAll(async () => {
  for (const replica of once) await replica.close();
  await mc.close();
});

const notice = (more: object = {}, payload: object = {}): Record<string, unknown> => ({
  type: 'unicast',
  device_tokens: 'phone-1',
  payload: { display_type: 'notification', body: { title: 'T' }, ...payload },
  ...more,
});
const group = (more: object, payload: object = {}): Record<string, unknown> =>
  notice({ type: 'groupcast', device_tokens: undefined, ...more }, payload);
const config = (more: object = {}, payload: object = {}): Record<string, unknown> => ({
  type: 'unicast',
  device_tokens: 'phone-1',
  payload: { body: 'cache=2&submit=10', ...payload },
  ...more,
});
const send = (body: object | string | Buffer, path = 'msg', as = app): Promise<Answer> =>
  mc.psp(as, 'POST', `/psp/push/${path}`, body);
/** A notice whose payload is so many bytes of JSON. */
function ofBytes(bytes: number, more: object = {}): object {
  const body = notice(more, { body: { title: '' } });
  const short = bytes - Buffer.byteLength(JSON.stringify(body['payload']));
  const title = '待'.repeat(Math.floor(short / 3)) + 'x'.repeat(short % 3);
  return notice(more, { body: { title } });
}
const stored = async (): Promise<number> => (await mc.rows('SELECT id FROM message')).length;

describe('a caller written from the published sample', () => {
  it('pushes to a device and asks what became of it', async () => {
    const answer = await send({
      type: 'unicast',
      device_tokens: 'phone-delivered',
      payload: {
        display_type: 'notification',
        body: { title: 'xx', custom: 'xx' },
        production_mode: 'true',
        description: 'xx',
        tag: 'xx',
      },
    });
    expect([answer.status, answer.body]).toEqual([200, { ret: 'SUCCESS', data: { task_id: expect.any(String) } }]);
    expect(answer.headers['cache-control']).toBe('no-store');
    const taskId = answer.body.data.task_id as string;
    await mc.finished(app, taskId);
    const delivered = await mc.psp(app, 'GET', `/psp/push/task/${taskId}`);
    expect(delivered.body).toEqual({
      ret: 'SUCCESS',
      data: {
        task_id: taskId,
        state: 'done',
        total: 1,
        sent: 1,
        delivered: expect.any(Number),
        failed: 0,
        devices: [{ device_token: 'phone-delivered', status: expect.stringMatching(/^(sent|delivered)$/) }],
      },
    });
  });

  it.each([
    ['a text', 'xx'],
    ['an object', { a: [1, '待'] }],
    ['a list', [1, 2]],
  ])('pushes messages whose content is %s', async (_what, custom) => {
    const taskId = await mc.push(app, notice({}, { display_type: 'message', body: { custom } }));
    expect(await mc.finished(app, taskId)).toMatchObject({ state: 'done', sent: 1 });
    const [row] = await mc.rows<{ payload: object }>(
      `SELECT content->'payload' AS payload FROM message WHERE id = $1`,
      [taskId],
    );
    expect(row?.payload).toEqual({ display: 'message', custom });
  });

  it('pushes a configuration', async () => {
    const taskId = await mc.push(app, config({}, { body: 'for example:cache=2&submit=10' }), 'config');
    expect(await mc.finished(app, taskId)).toMatchObject({ state: 'done', sent: 1 });
  });

  it('may write its id and the secret in any case, what it does not have as null, and its labels beside the payload', async () => {
    const as = { appId: app.appId.toUpperCase(), appSecret: app.appSecret.toUpperCase() };
    const taskId = await mc.push(as, {
      ...notice({ user_ids: null }, { tag: null, body: { title: 'T', custom: null } }),
      tag: 'beside',
      description: 'seen',
      production_mode: 'true',
    });
    const [row] = await mc.rows<{ payload: object }>(
      `SELECT content->'payload' AS payload FROM message WHERE id = $1`,
      [taskId],
    );
    expect(row?.payload).toEqual({ display: 'notification', title: 'T', tag: 'beside', description: 'seen' });
  });

  it('is told apart by its Idempotency-Key', async () => {
    const repeat = (body: object): Promise<Answer> =>
      mc.psp(app, 'POST', '/psp/push/msg', body, { headers: { 'idempotency-key': 'k1' } });
    const [first, again, changed] = [
      await repeat(notice()),
      await repeat(notice()),
      await repeat(notice({}, { tag: 't' })),
    ];
    expect(again.body).toEqual(first.body);
    expect(refusalOf(changed)).toEqual([400, 2008]);
  });

  it('is answered as the first time, though its device is gone by now, or the channel closed', async () => {
    const closing = await mc.pushApp();
    await mc.devices({ token: 'passing', app: closing.appId });
    const push = (body: object, key = 'k2'): Promise<Answer> =>
      mc.psp(closing, 'POST', '/psp/push/msg', body, { headers: { 'idempotency-key': key } });
    const body = notice({ device_tokens: 'passing' });
    const first = await push(body);
    expect(first.status).toBe(200);
    await mc.rows("DELETE FROM device WHERE token = 'passing'");
    expect((await push(body)).body).toEqual(first.body);
    expect(refusalOf(await push(body, 'k3'))).toEqual([404, 2010]);
    await mc.admin('PATCH', `/v1/client-apps/${closing.appId}`, { channels: ['portal'] });
    await mc.app.get(CatalogWatch).look();
    expect(refusalOf(await push(body, 'k3'))).toEqual([403, 2004]);
    expect((await push(body)).body).toEqual(first.body);
    expect(refusalOf(await push(notice({}, { tag: 't' })))).toEqual([400, 2008]);
    expect(refusalOf(await push({ type: 'neither' }))).toEqual([403, 2004]);
  });
});

describe('a call that is not let in', () => {
  /** What the guard says of a call, without the way to it: so many arrive at the same moment. */
  const letIn = async (headers: Record<string, string>, from: string): Promise<boolean | string> => {
    const http = { getRequest: () => ({ headers, socket: { remoteAddress: from } }) };
    const context = { switchToHttp: () => http } as unknown as ExecutionContext;
    return mc.app
      .get(PspGuard, { strict: false })
      .canActivate(context)
      .catch((error: unknown) => (error instanceof PspError ? error.code : String(error)));
  };
  const call = (headers: Record<string, string>, from?: string): Promise<Answer> =>
    mc.call('POST', '/psp/push/msg', { body: notice(), headers, ...(from === undefined ? {} : { from }) });
  const without = (name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(signed(app)).filter(([header]) => header !== name));
  const at = (timestamp: string): Record<string, string> => signed(app, timestamp);
  let lastAddress = 40; // what is written down is limited by address

  it.each<[number, number, string, () => Record<string, string>]>([
    [500, 2001, 'no appkey', () => without('appkey')],
    [401, 2002, 'no validationtoken', () => without('validationtoken')],
    [401, 2003, 'no timestamp', () => without('timestamp')],
    [
      401,
      2002,
      'a token in upper-case hex',
      () => ({ ...signed(app), validationtoken: (signed(app)['validationtoken'] ?? '').toUpperCase() }),
    ],
    [401, 2002, 'a token of another time', () => ({ ...signed(app), timestamp: String(Date.now() - 1000) })],
    [401, 2002, 'a token of another app', () => ({ ...signed(other), appkey: app.appId })],
    [401, 2002, 'a token made with another secret', () => signed({ ...app, appSecret: other.appSecret })],
    [401, 2003, 'a time of 11 minutes ago', () => at(String(Date.now() - 11 * MINUTE_MS))],
    [401, 2003, 'a time in 11 minutes', () => at(String(Date.now() + 11 * MINUTE_MS))],
    [401, 2003, 'a time in seconds', () => at(String(Math.floor(Date.now() / 1000)))],
    [401, 2003, 'the time of the published sample', () => at('1385321933302')],
    [401, 2003, 'a time that is no number', () => at('NaN')],
    [401, 2003, 'a time with an exponent', () => at('1e30')],
    [401, 2003, 'a negative time', () => at(`-${Date.now()}`)],
    [403, 2004, 'an unknown app', () => signed({ appId: 'nobody', appSecret: 'x' })],
  ])('HTTP %i, %i: %s', async (status, code, _what, headers) => {
    const before = await stored();
    expect(refusalOf(await call(headers()))).toEqual([status, code]);
    expect(await stored()).toBe(before);
  });

  it.each<[string, number, () => Record<string, string>]>([
    ['missing', 2001, () => without('appkey')],
    ['missing', 2002, () => without('validationtoken')],
    ['timestamp', 2003, () => without('timestamp')],
    ['timestamp', 2003, () => at('NaN')],
    ['timestamp', 2003, () => at(String(Date.now() - 11 * MINUTE_MS))],
    ['signature', 2002, () => signed({ ...app, appSecret: other.appSecret })],
    ['unknown', 2004, () => signed({ appId: 'nobody', appSecret: 'x' })],
  ])('is in the audit log (%s, %i)', async (refusal, code, headers) => {
    const from = `127.0.0.${lastAddress++}`;
    const given = headers();
    expect(refusalOf(await call(given, from))[1]).toBe(code);
    const { items } = (await mc.admin('GET', '/v1/audit-log?action=token.refused')).body as { items: { ip: string }[] };
    const mine = items.filter(({ ip }) => ip === from);
    expect(mine).toMatchObject([{ actor: 'anonymous', target: 'door:psp', details: { refusal } }]);
    if (given['validationtoken']) expect(JSON.stringify(mine)).not.toContain(given['validationtoken']);
  });

  it.each([9, -9])('may have a clock that is %i minutes off', async (minutes) => {
    expect((await call(at(String(Date.now() + minutes * MINUTE_MS)))).status).toBe(200);
  });

  it('2004: from an address that is not allowed, whatever a header says of it', async () => {
    const bound = await mc.pushApp({ ipAllowlist: ['127.0.0.7'] });
    expect(refusalOf(await call({ ...signed(bound), 'x-forwarded-for': '127.0.0.7' }))).toEqual([403, 2004]);
    expect((await call(signed(bound), '127.0.0.7')).status).toBe(200);
  });

  it('2004: of an app that is disabled, at once', async () => {
    const gone = await mc.pushApp();
    expect((await send(notice(), 'msg', gone)).status).toBe(200);
    await mc.admin('PATCH', `/v1/client-apps/${gone.appId}`, { enabled: false });
    for (let tries = 0; (await send(notice(), 'msg', gone)).status === 200; tries++) expect(tries).toBeLessThan(500);
    expect(refusalOf(await send(notice(), 'msg', gone))).toEqual([403, 2004]);
  });

  it('2004: channel push is not open to the app, or switched off', async () => {
    const closed = await mc.pushApp({ channels: ['sms'] });
    expect(refusalOf(await send('no body to look at', 'msg', closed))).toEqual([403, 2004]);
    expect((await mc.admin('PUT', '/v1/channels/push', { enabled: false })).status).toBe(200);
    for (let tries = 0; (await send(notice())).status === 200; tries++) expect(tries).toBeLessThan(500);
    expect(refusalOf(await send(notice()))).toEqual([403, 2004]);
    expect((await mc.admin('PUT', '/v1/channels/push', { enabled: true })).status).toBe(200);
    for (let tries = 0; (await send(notice())).status !== 200; tries++) expect(tries).toBeLessThan(500);
  });

  it('2011: more calls than the app has in a second', async () => {
    const slow = await mc.pushApp({ rateLimit: { perSecond: 2 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(notice(), 'msg', slow)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.map(refusalOf)).toEqual(refused.map(() => [429, 2011]));
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('however many calls wait for the first word about their app, its own rate alone counts', async () => {
    const fresh = await mc.pushApp();
    const answers = await Promise.all(Array.from({ length: 150 }, () => letIn(signed(fresh), '127.0.0.71')));
    expect(answers.filter((answer) => answer !== true)).toEqual([]);
  });

  it('2011: guesses at ids, from one address', async () => {
    const guesses = Array.from({ length: 250 }, (_, i) => signed({ ...app, appId: `nobody-${i}` }));
    const answers = await Promise.all(guesses.map((headers) => letIn(headers, '127.0.0.72')));
    // A second may end meanwhile.
    expect(answers.filter((code) => code === 'rate').length).toBeGreaterThanOrEqual(50);
    expect(await letIn(signed(await mc.pushApp()), '127.0.0.73')).toBe(true);
  });

  it('is let in with the former secret while that one is replaced', async () => {
    const rotated = await mc.pushApp();
    const { body } = await mc.admin('POST', `/v1/client-apps/${rotated.appId}/rotate-secret?overlap=3600`);
    const renewed = { ...rotated, appSecret: body.appSecret as string };
    expect(renewed.appSecret).not.toBe(rotated.appSecret);
    for (const as of [rotated, renewed]) expect((await send(notice(), 'msg', as)).status).toBe(200);
  });
});

describe('with PSP_REPLAY=once', () => {
  const at = (replica: GatewayApp | undefined, headers: Record<string, string>): Promise<Answer> => {
    if (!replica) throw new Error('no replica');
    return replica.call('POST', '/psp/push/msg', { body: notice(), headers });
  };

  it('a header triple opens one call, on whichever replica, in whatever case the id is written', async () => {
    const headers = signed(app);
    expect((await at(once[0], headers)).status).toBe(200);
    expect(refusalOf(await at(once[0], headers))).toEqual([401, 2003]);
    expect(refusalOf(await at(once[1], headers))).toEqual([401, 2003]);
    expect(refusalOf(await at(once[1], { ...headers, appkey: app.appId.toUpperCase() }))).toEqual([401, 2003]);
    expect((await at(once[1], signed(app, String(Date.now() + 1)))).status).toBe(200);
  });

  it('of many calls at once with the same triple one is let in', async () => {
    const headers = signed(app, String(Date.now() + 2));
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => at(once[i % 2], headers)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('otherwise the triple may be used again, as published', async () => {
    const headers = signed(app, String(Date.now() + 3));
    for (const _ of [1, 2])
      expect((await mc.call('POST', '/psp/push/msg', { body: notice(), headers })).status).toBe(200);
  });
});

describe('each code of a push by name', () => {
  const deep = `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`;
  const cases: [number, number, string, object | string | Buffer, ('msg' | 'config')?][] = [
    [400, 2008, 'no JSON', '{"type":'],
    [400, 2008, 'an array', []],
    [400, 2008, 'JSON 33 deep', deep],
    [400, 2008, 'no body at all', ''],
    [400, 2008, 'a body of 1 MiB and one byte', `{"type":"${'x'.repeat(1024 * 1024 - 10)}"}`],
    [400, 2008, 'broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    [400, 2008, '__proto__ as a key', '{"type":"unicast","payload":{"__proto__":{}}}'],
    [400, 2008, 'an unknown type', notice({ type: 'broadcast' })],
    [400, 2008, 'no type', notice({ type: undefined })],
    [400, 2008, 'unicast without a device', notice({ device_tokens: undefined })],
    [400, 2008, 'unicast to two devices', notice({ device_tokens: 'phone-1,phone-2' })],
    [400, 2008, 'unicast to one device twice', notice({ device_tokens: 'phone-1,phone-1' })],
    [400, 2008, 'unicast to a user', notice({ user_ids: 'u1' })],
    [400, 2008, 'a device token that is none', notice({ device_tokens: 'a/b' })],
    [400, 2008, 'device tokens as a number', notice({ device_tokens: 7 })],
    [400, 2008, 'no payload', notice({ payload: undefined })],
    [400, 2008, 'an unknown display_type', notice({}, { display_type: 'x' })],
    [400, 2008, 'no display_type', notice({}, { display_type: undefined })],
    [400, 2008, 'no body', notice({}, { body: undefined })],
    [400, 2008, 'a notification without a title', notice({}, { body: {} })],
    [400, 2008, 'a message without custom', notice({}, { display_type: 'message', body: { title: 'T' } })],
    [400, 2008, 'custom as a number', notice({}, { display_type: 'message', body: { custom: 7 } })],
    [400, 2008, 'a production_mode that is neither', notice({}, { production_mode: 'x' })],
    [400, 2008, 'a tag that is too long', notice({}, { tag: 'x'.repeat(129) })],
    [400, 2008, 'NUL in a title', notice({}, { body: { title: 'a\u0000' } })],
    [
      400,
      2008,
      'half a character in custom',
      '{"type":"unicast","device_tokens":"phone-1","payload":{"display_type":"message","body":{"custom":{"a":"\\ud83d"}}}}',
    ],
    [400, 2008, 'a sensitive word', notice({}, { body: { title: 'T', custom: { a: 'forbidden-word' } } })],
    [400, 2008, 'a groupcast without a target', group({})],
    [400, 2008, 'a groupcast with empty targets', group({ device_tokens: ' , ', user_ids: '', org_ids: '' })],
    [400, 2008, '501 devices', group({ device_tokens: Array.from({ length: 501 }, (_, i) => `d${i}`).join() })],
    [400, 2008, 'a configuration without a body', config({}, { body: undefined }), 'config'],
    [400, 2008, 'a configuration that is an object', config({}, { body: { a: 1 } }), 'config'],
    [400, 2009, 'a payload of 1025 bytes', ofBytes(1025)],
    [400, 2009, 'a payload of 257 bytes to iOS', ofBytes(257, { device_tokens: 'phone-2' })],
    [400, 2009, 'a groupcast of 1025 bytes', ofBytes(1025, { type: 'groupcast' })],
    [400, 2009, 'a configuration of 1025 bytes', config({}, { body: 'x'.repeat(1025) }), 'config'],
    [404, 2010, 'an unknown device', notice({ device_tokens: 'nobody' })],
    [404, 2010, 'a device of another app', notice({ device_tokens: 'foreign' })],
    [404, 2010, 'a device that is not for tests, in test mode', notice({}, { production_mode: 'false' })],
    [404, 2010, 'the same, beside the payload and as a boolean', notice({ production_mode: false })],
    [
      404,
      2010,
      'a groupcast to unknown devices, users and org units',
      group({ device_tokens: 'x,y', user_ids: 'z', org_ids: 'w' }),
    ],
    [404, 2010, 'an unknown device of a configuration', config({ device_tokens: 'nobody' }), 'config'],
  ];

  it.each(cases.map(([status, code, what, body, path = 'msg']) => [status, code, what, body, path] as const))(
    'HTTP %i, %i: %s',
    async (status, code, _what, body, path) => {
      const before = await stored();
      expect(refusalOf(await send(body, path))).toEqual([status, code]);
      expect(await stored()).toBe(before);
    },
  );

  it('2010 says of a device that is registered, but not for tests, that it is no test device', async () => {
    const words = async (more: object): Promise<unknown> =>
      (await send(notice({ production_mode: 'false', ...more }))).body.data.error_msg;
    expect(await words({})).toContain('不是测试设备');
    expect(await words({ device_tokens: 'nobody' })).toContain('不存在');
  });

  it('2008 names the field, and the three that a groupcast may have', async () => {
    const words = async (body: object): Promise<string> => (await send(body)).body.data.error_msg as string;
    expect(await words(notice({}, { body: {} }))).toContain('payload.body.title');
    expect(await words(notice({}, { display_type: 'x' }))).toContain('payload.display_type');
    for (const field of ['device_tokens', 'user_ids', 'org_ids']) expect(await words(group({}))).toContain(field);
  });

  it('2008 says in one language what is allowed', async () => {
    const words = async (body: object): Promise<unknown> => (await send(body)).body.data.error_msg;
    expect([
      await words(notice({ type: 'x' })),
      await words(notice({}, { display_type: 'x' })),
      await words(notice({}, { production_mode: 'x' })),
      await words(notice({ payload: undefined })),
      await words(notice({}, { display_type: 'message', body: { custom: 7 } })),
    ]).toEqual([
      '参数 type 缺失或格式不正确（可选值：unicast、groupcast）',
      '参数 payload.display_type 缺失或格式不正确（可选值：notification、message）',
      '参数 payload.production_mode 缺失或格式不正确（可选值：true、false）',
      '参数 payload 缺失或格式不正确（必填）',
      '参数 payload.body.custom 缺失或格式不正确（应为 字符串 或 JSON 对象 或 数组）',
    ]);
  });

  it.each([
    [ofBytes(1024), 'a payload of 1024 bytes'],
    [ofBytes(256, { device_tokens: 'phone-2' }), 'a payload of 256 bytes to iOS'],
    [notice({ device_tokens: 'phone-3', production_mode: 'false' }), 'a test device in test mode'],
  ])('%# is taken: $1', async (body) => {
    expect((await send(body)).status).toBe(200);
  });

  it('2009 comes later where PSP_LIMITS is raised', async () => {
    let aheadMs = 1000;
    const codeOf = async (body: object): Promise<number | undefined> => {
      const headers = signed(app, String(Date.now() + aheadMs++));
      return (await once[0]?.call('POST', '/psp/push/msg', { body, headers }))?.body.data.error_code as
        number | undefined;
    };
    const ios = { device_tokens: 'phone-2' };
    expect([await codeOf(ofBytes(2048)), await codeOf(ofBytes(2049))]).toEqual([undefined, 2009]);
    expect([await codeOf(ofBytes(1024, ios)), await codeOf(ofBytes(1025, ios))]).toEqual([undefined, 2009]);
  });

  it.each<['GET' | 'POST' | 'PUT' | 'DELETE', string]>([
    ['GET', '/psp/push/msg'],
    ['POST', '/psp/push/nothing'],
    ['POST', '/psp/push'],
    ['DELETE', '/psp/push/task/x'],
    ['POST', '/psp/x/y/z?a=b'],
    ['GET', '/psp'],
    ['POST', '/psp?a=b'],
    ['GET', '/psp/'],
    ['POST', '/psp/'],
  ])('HTTP 400: %s %s, which the door does not have', async (method, path) => {
    expect(refusalOf(await mc.call(method, path))).toEqual([400, 2000]);
  });
});

describe('a groupcast', () => {
  it('reaches the devices of tokens, users and org units with their descendants, each once; what is unknown fails alone', async () => {
    const taskId = await mc.push(
      app,
      group({ device_tokens: 'phone-1, phone-1,nobody,foreign', user_ids: 'u3,u4,stranger', org_ids: '44,nowhere' }),
    );
    const { devices, ...counts } = await mc.finished(app, taskId);
    expect(
      devices
        .map(({ device_token, user_id, org_id, status, error }) => [device_token || user_id || org_id, error ?? status])
        .sort(),
    ).toEqual([
      ['foreign', 'unknown_device'],
      ['nobody', 'unknown_device'],
      ['nowhere', 'unknown_org_unit'],
      ['phone-1', 'sent'],
      ['phone-2', 'sent'],
      ['phone-3', 'sent'],
      ['phone-delivered', expect.stringMatching(/^(sent|delivered)$/)],
      ['stranger', 'unknown_recipient'],
      ['u4', 'no_device'],
    ]);
    expect(counts).toMatchObject({ state: 'done', total: 9, sent: 4, failed: 5 });
  });

  it('in test mode reaches test devices alone', async () => {
    const taskId = await mc.push(app, group({ org_ids: '44' }, { production_mode: 'false' }));
    expect((await mc.finished(app, taskId)).devices).toMatchObject([{ device_token: 'phone-3', status: 'sent' }]);
  });

  it('in test mode to registered devices that are not for tests is taken: the report says what they are not', async () => {
    const taskId = await mc.push(app, group({ device_tokens: 'phone-1,phone-2' }, { production_mode: 'false' }));
    expect(await mc.finished(app, taskId)).toMatchObject({
      failed: 2,
      devices: [
        { device_token: 'phone-1', status: 'failed', error: 'not_a_test_device' },
        { device_token: 'phone-2', status: 'failed', error: 'not_a_test_device' },
      ],
    });
    const unknown = await send(group({ device_tokens: 'nobody,foreign' }, { production_mode: 'false' }));
    expect(refusalOf(unknown)).toEqual([404, 2010]);
  });

  it('fails on iOS alone where it is over 256 bytes', async () => {
    const taskId = await mc.push(app, ofBytes(257, { type: 'groupcast', device_tokens: 'phone-1,phone-2' }) as object);
    expect(await mc.finished(app, taskId)).toMatchObject({
      sent: 1,
      failed: 1,
      devices: [
        { device_token: 'phone-1', status: 'sent' },
        { device_token: 'phone-2', status: 'failed', error: 'payload_too_large' },
      ],
    });
  });
});

describe('the report', () => {
  it('is read a page at a time', async () => {
    const tokens = Array.from({ length: 7 }, (_, i) => `page-${i}`);
    await mc.devices(...tokens.map((token) => ({ token })));
    const taskId = await mc.push(app, group({ device_tokens: tokens.join() }));
    await mc.finished(app, taskId);
    const page = async (query: string): Promise<string[]> =>
      (
        (await mc.psp(app, 'GET', `/psp/push/task/${taskId}?${query}`)).body.data.devices as { device_token: string }[]
      ).map(({ device_token }) => device_token);
    expect(await page('size=3')).toEqual(tokens.slice(0, 3));
    expect(await page('page=3&size=3')).toEqual(tokens.slice(6));
    expect(await page('page=4&size=3')).toEqual([]);
    expect(await page('page=1000000&size=1000')).toEqual([]);
    for (const bad of ['size=0', 'size=1001', 'page=x', 'page=1&page=2']) {
      expect(refusalOf(await mc.psp(app, 'GET', `/psp/push/task/${taskId}?${bad}`))).toEqual([400, 2008]);
    }
  });

  it('2005: of an unknown task, another app’s, a message of another door, and what is no id at all', async () => {
    const taskId = await mc.push(app, notice());
    const { token } = await mc.clientApp({ channels: ['push'] });
    const native = await mc.call('POST', '/v1/messages', {
      token,
      body: { to: { devices: ['phone-1'] }, content: { text: 'x' } },
    });
    const answers = [
      await mc.psp(app, 'GET', '/psp/push/task/0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c'),
      await mc.psp(other, 'GET', `/psp/push/task/${taskId}`),
      await mc.psp(app, 'GET', `/psp/push/task/${String(native.body?.id ?? native.body?.messageId)}`),
      await mc.psp(app, 'GET', '/psp/push/task/10086'),
    ];
    for (const answer of answers) expect([refusalOf(answer), answer.text]).toEqual([[404, 2005], answers[0]?.text]);
  });

  it('sums up the app’s own pushes of a tag', async () => {
    const bodies = [notice({}, { tag: 'sum' }), group({ device_tokens: 'phone-1,nobody', tag: 'sum' })];
    for (const body of bodies) await mc.finished(app, await mc.push(app, body));
    await mc.push(other, notice({}, { tag: 'sum' }));
    await mc.push(app, notice({}, { tag: 'another' }));
    const sums = (tag: string): Promise<Answer> => mc.psp(app, 'GET', `/psp/push/task?tag=${tag}`);
    expect((await sums('sum')).body).toEqual({
      ret: 'SUCCESS',
      data: { tag: 'sum', tasks: 2, total: 3, sent: 2, delivered: 0, failed: 1 },
    });
    expect((await sums('nothing')).body.data).toEqual({
      tag: 'nothing',
      tasks: 0,
      total: 0,
      sent: 0,
      delivered: 0,
      failed: 0,
    });
    for (const bad of ['', `${'x'.repeat(129)}`, 'a&tag=b', '%00'])
      expect(refusalOf(await sums(bad))).toEqual([400, 2008]);
  });
});

describe('config pushes', () => {
  it('of one tag: the older one is replaced, and says so', async () => {
    const first = await mc.push(app, config({}, { tag: 'limits' }), 'config');
    await mc.finished(app, first);
    await mc.finished(app, await mc.push(app, config({}, { tag: 'limits', body: 'cache=3' }), 'config'));
    expect((await mc.task(app, first)).devices).toMatchObject([{ device_token: 'phone-1', error: 'replaced' }]);
  });

  it('the newest one is sent again to a device that registers again', async () => {
    const device = { userId: 'u1', platform: 'android' };
    const path = '/v1/devices/comes-back';
    expect((await mc.admin('PUT', path, device)).status).toBe(200);
    for (const body of ['v=1', 'v=2']) {
      const taskId = await mc.push(app, config({ device_tokens: 'comes-back' }, { tag: 'back', body }), 'config');
      await mc.finished(app, taskId);
    }
    const shown = async (): Promise<number> =>
      ((await mc.admin('GET', '/v1/sandbox/messages?channel=push&address=comes-back')).body.items as object[]).length;
    expect(await shown()).toBe(2);
    expect((await mc.admin('PUT', path, device)).status).toBe(200);
    for (let tries = 0; (await shown()) < 3; tries++) {
      expect(tries).toBeLessThan(400);
      await sleep(25);
    }
    const refs = await mc.rows<{ ref: string }>(
      `SELECT DISTINCT ref FROM sandbox_message WHERE address = 'comes-back'`,
    );
    expect(refs).toHaveLength(2);
  });

  it('without a tag replace nothing', async () => {
    const tasks = [
      await mc.push(app, config(), 'config'),
      await mc.push(app, config({}, { body: 'cache=3' }), 'config'),
    ];
    for (const task of tasks) {
      const { devices } = await mc.finished(app, task);
      expect(devices[0]).not.toHaveProperty('error');
    }
  });
});
