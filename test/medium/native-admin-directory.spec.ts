import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gatewayApp, type Answer, type GatewayApp } from '../support/gateway-app.js';

let gateway: GatewayApp;
beforeAll(async () => {
  gateway = await gatewayApp();
});
afterAll(() => gateway.close());

const codeOf = (answer: Answer): [number, string] => [answer.status, answer.body?.code];
const NDJSON = { 'content-type': 'application/x-ndjson' };

describe('users', () => {
  it('stores normalised addresses and forgets what a later put does not name', async () => {
    await gateway.admin('PUT', '/v1/org-units/sales', { name: '销售部' });
    const put = await gateway.admin('PUT', '/v1/users/u-1', {
      name: '张三',
      orgUnits: ['sales'],
      addresses: { sms: '+86 138 0013 8000', mail: 'zhang@example.com', wechat: { gh: 'openid' } },
    });
    expect(put.body).toMatchObject({
      userId: 'u-1',
      orgUnits: ['sales'],
      addresses: { sms: '13800138000', mail: 'zhang@example.com', wechat: { gh: 'openid' } },
    });
    const again = await gateway.admin('PUT', '/v1/users/u-1', { name: '张三', addresses: { mail: 'z@example.com' } });
    expect(again.body).toMatchObject({ orgUnits: [], addresses: { mail: 'z@example.com' } });
    expect(again.body.addresses.sms).toBeUndefined();
  });

  it('names bad addresses and unknown org units, and stores nothing then', async () => {
    const answer = await gateway.admin('PUT', '/v1/users/u-bad', {
      name: 'x',
      addresses: { sms: '123', fax: '1', portal: 'x', mail: ['a@example.com'], wechat: 'x' },
    });
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([
      'addresses.sms',
      'addresses.fax',
      'addresses.portal',
      'addresses.mail',
      'addresses.wechat',
    ]);
    const unit = await gateway.admin('PUT', '/v1/users/u-bad', { name: 'x', orgUnits: ['nowhere'] });
    expect(unit.body.errors).toMatchObject([{ field: 'orgUnits[0]' }]);
    expect(codeOf(await gateway.admin('GET', '/v1/users/u-bad'))).toEqual([404, 'not_found']);
    expect((await gateway.admin('PUT', '/v1/users/%00', { name: 'x' })).status).toBe(400);
  });

  it('keeps opt-outs of known users', async () => {
    await gateway.admin('PUT', '/v1/users/u-2', { name: 'x' });
    const optOuts = { apps: ['billing'], channels: ['sms'] };
    expect((await gateway.admin('PUT', '/v1/users/u-2/opt-outs', optOuts)).body).toEqual(optOuts);
    expect((await gateway.admin('GET', '/v1/users/u-2/opt-outs')).body).toEqual(optOuts);
    expect(codeOf(await gateway.admin('PUT', '/v1/users/u-none/opt-outs', optOuts))).toEqual([404, 'not_found']);
    expect((await gateway.admin('DELETE', '/v1/users/u-2')).status).toBe(204);
    expect((await gateway.admin('DELETE', '/v1/users/u-2')).status).toBe(404);
  });

  it('imports 100,000 users in one request within a bounded memory', async () => {
    const total = 100_000;
    const before = process.memoryUsage().rss;
    let peak = before;
    const answer = await new Promise<{ status?: number | undefined; text: string }>((resolve, reject) => {
      const call = request(
        {
          port: gateway.port,
          host: '127.0.0.1',
          method: 'POST',
          path: '/v1/users/import',
          headers: { ...NDJSON, authorization: `Bearer ${gateway.adminToken}` },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve({ status: response.statusCode, text }));
        },
      );
      call.on('error', reject);
      void (async () => {
        for (let i = 0; i < total; i++) {
          const line = `{"userId":"bulk-${i}","name":"n ${i}","addresses":{"mail":"bulk-${i}@example.com"}}\n`;
          if (!call.write(line)) await new Promise((drained) => call.once('drain', drained));
          if (i % 5000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
        }
        call.end();
      })();
    });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { imported: total, failedCount: 0, failed: [] }]);
    const [row] = await gateway.database.query<{ n: number }>(
      `SELECT count(*) AS n FROM recipient_address WHERE user_id LIKE 'bulk-%'`,
    );
    expect(row?.n).toBe(total);
    expect(peak - before).toBeLessThan(300 * 1024 * 1024);
  }, 90_000);

  it('reports the lines that fail and stores the others', async () => {
    const body = Buffer.concat([
      Buffer.from('{"userId":"i-1","name":"a"}\n\n'),
      Buffer.from('not json\n'),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      Buffer.from('{"name":"no id"}\n'),
      Buffer.from('{"userId":"i-2","name":"b","addresses":{"mail":"x"}}\n'),
      Buffer.from(`{"userId":"i-3","name":"${'x'.repeat(70_000)}"}\n`),
      Buffer.from('{"userId":"i-4","name":"c","role":"admin"}\n'),
      Buffer.from('{"userId":"i-5","name":"d","orgUnits":["nowhere"]}\n'),
      Buffer.from(`${'['.repeat(30_000)}\n`),
      Buffer.from('{"userId":"i-6","name":"\\u0000"}\n'),
      Buffer.from('{"userId":"i-1","name":"later counts"}'),
    ]);
    const answer = await gateway.call('POST', '/v1/users/import', { token: gateway.adminToken, headers: NDJSON, body });
    expect(answer.body).toMatchObject({ imported: 2, failedCount: 9 });
    expect(answer.body.failed.map((failure: { line: number }) => failure.line)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect((await gateway.admin('GET', '/v1/users/i-1')).body.name).toBe('later counts');
    expect((await gateway.admin('POST', '/v1/users/import', {})).status).toBe(400);
  });
});

describe('org units', () => {
  it('refuses cycles, unknown parents and the removal of a unit with others below it', async () => {
    await gateway.admin('PUT', '/v1/org-units/a', { name: 'A' });
    await gateway.admin('PUT', '/v1/org-units/b', { name: 'B', parent: 'a' });
    await gateway.admin('PUT', '/v1/org-units/c', { name: 'C', parent: 'b' });
    expect(codeOf(await gateway.admin('PUT', '/v1/org-units/a', { name: 'A', parent: 'c' }))).toEqual([
      409,
      'conflict',
    ]);
    expect(codeOf(await gateway.admin('PUT', '/v1/org-units/a', { name: 'A', parent: 'a' }))).toEqual([
      409,
      'conflict',
    ]);
    expect((await gateway.admin('PUT', '/v1/org-units/d', { name: 'D', parent: 'nowhere' })).status).toBe(400);
    expect((await gateway.admin('GET', '/v1/org-units/a')).body).toEqual({ code: 'a', name: 'A', parent: null });
    expect(codeOf(await gateway.admin('DELETE', '/v1/org-units/b'))).toEqual([409, 'conflict']);
    expect((await gateway.admin('DELETE', '/v1/org-units/c')).status).toBe(204);
  });

  it('closes no cycle when two units are moved below each other at the same time', async () => {
    await gateway.admin('PUT', '/v1/org-units/x', { name: 'X' });
    await gateway.admin('PUT', '/v1/org-units/y', { name: 'Y' });
    const [one, two] = await Promise.all([
      gateway.admin('PUT', '/v1/org-units/x', { name: 'X', parent: 'y' }),
      gateway.admin('PUT', '/v1/org-units/y', { name: 'Y', parent: 'x' }),
    ]);
    expect([one.status, two.status].sort()).toEqual([200, 409]);
  });
});

describe('templates', () => {
  const template = { name: 'Hello', params: ['name'], content: { portal: { title: 'Hi', text: 'Hi {{name}}' } } };

  it('makes a version with every put and serves shared ones to apps', async () => {
    expect((await gateway.admin('PUT', '/v1/templates/hello', template)).body).toMatchObject({
      version: 1,
      isShared: true,
    });
    expect((await gateway.admin('PUT', '/v1/templates/hello', template)).body.version).toBe(2);
    const { token } = await gateway.clientApp();
    expect((await gateway.call('GET', '/v1/templates/hello', { token })).body).toMatchObject({
      version: 2,
      isShared: true,
    });
    expect(codeOf(await gateway.call('DELETE', '/v1/templates/hello', { token }))).toEqual([404, 'not_found']);
  });

  it('shows an app’s own template to nobody else', async () => {
    const [own, other] = [await gateway.clientApp(), await gateway.clientApp()];
    const put = await gateway.call('PUT', '/v1/templates/private', { token: own.token, body: template });
    expect(put.body).toMatchObject({ version: 1, isShared: false });
    const foreign = await gateway.call('GET', '/v1/templates/private', { token: other.token });
    const unknown = await gateway.call('GET', '/v1/templates/unknown', { token: other.token });
    const said = ({ requestId: _, ...rest }: Record<string, unknown>): object => rest;
    expect(said(foreign.body)).toEqual(said(unknown.body));
    expect((await gateway.call('DELETE', '/v1/templates/private', { token: other.token })).status).toBe(404);
    expect((await gateway.admin('GET', '/v1/templates/private')).status).toBe(404);
    expect((await gateway.call('GET', '/v1/templates', { token: own.token })).body.items).toHaveLength(1);
  });

  it.each([
    ['an unknown channel', { fax: { text: 'x' } }, 'content.fax'],
    ['a field no template has', { sms: { body: 'x' } }, 'content.sms.body'],
    ['a text that is none', { sms: { text: 1 } }, 'content.sms.text'],
    ['an undeclared placeholder', { sms: { text: '{{missing}}' } }, 'content.sms'],
    ['no text at all', {}, 'content'],
    ['a channel that is no object', { sms: 'x' }, 'content.sms'],
  ])('refuses %s', async (_, content, field) => {
    const answer = await gateway.admin('PUT', '/v1/templates/bad', { ...template, content });
    expect([answer.status, answer.body.errors?.[0].field]).toEqual([400, field]);
  });
});

describe('channels', () => {
  const smtp = {
    host: 'smtp.example.com',
    port: 587,
    user: 'mailer',
    pass: 'canary-password',
    from: 'noreply@example.com',
  };

  it('never shows write-only settings, keeps them sealed and keeps them when they are not named again', async () => {
    const put = await gateway.admin('PUT', '/v1/channels/mail', { enabled: true, provider: 'smtp', settings: smtp });
    expect(put.body.providers).toMatchObject([{ id: 'default', provider: 'smtp', secretsSet: ['pass'] }]);
    expect([put.status, put.text.includes('canary-password')]).toEqual([200, false]);
    const { pass: _, ...visible } = smtp;
    const again = await gateway.admin('PUT', '/v1/channels/mail', {
      enabled: true,
      provider: 'smtp',
      settings: visible,
    });
    expect(again.body.providers).toMatchObject([{ secretsSet: ['pass'] }]);
    const rows = await gateway.database.query<{ text: string }>(
      `SELECT p::text || encode(secrets, 'escape') AS text FROM provider_account p`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.text).not.toContain('canary-password');
    const log = await gateway.admin('GET', '/v1/audit-log?action=channel.put');
    expect(log.text).not.toContain('canary-password');
  });

  it('names what is wrong with an account and changes nothing', async () => {
    const answer = await gateway.admin('PUT', '/v1/channels/mail', {
      enabled: false,
      providers: [
        { id: 'one', provider: 'smtp', settings: { ...smtp, port: 0 } },
        { id: 'two', provider: 'pigeon', settings: {} },
      ],
    });
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([
      'providers[0].settings.port',
      'providers[1].provider',
    ]);
    expect((await gateway.admin('GET', '/v1/channels/mail')).body.enabled).toBe(true);
    expect((await gateway.admin('GET', '/v1/channels/fax')).status).toBe(404);
    expect(
      (await gateway.admin('PUT', '/v1/channels/portal', { enabled: true, provider: 'smtp', settings: smtp })).status,
    ).toBe(400);
  });

  it('keeps accounts and secrets where none are named, and removes them with an empty list', async () => {
    const accounts = [
      { id: 'one', provider: 'smtp', settings: smtp, rateLimit: { perSecond: 5 } },
      { id: 'two', provider: 'smtp', settings: smtp, weight: 0, quota: { perDay: 9 } },
    ];
    const before = (await gateway.admin('PUT', '/v1/channels/mail', { enabled: true, providers: accounts })).body;
    const off = await gateway.admin('PUT', '/v1/channels/mail', { enabled: false });
    expect(off.body).toEqual({ ...before, enabled: false, status: 'off' });
    expect(off.body.providers).toMatchObject([{ secretsSet: ['pass'] }, { secretsSet: ['pass'] }]);
    const none = await gateway.admin('PUT', '/v1/channels/mail', { enabled: true, providers: [] });
    expect(none.body).toMatchObject({ providers: [], status: 'sandbox' });
  });

  it('takes back as it is what it shows', async () => {
    const reporting = { ...smtp, dsn: 'success_and_failure', callbackToken: 'a'.repeat(32) };
    const providers = [
      { id: 'one', provider: 'smtp', settings: reporting, rateLimit: { perSecond: 5 }, receiptWithin: 60 },
      { id: 'two', provider: 'smtp', settings: smtp, weight: 0, quota: { perDay: 9 }, enabled: false },
    ];
    await gateway.admin('PUT', '/v1/channels/mail', { enabled: true, priority: 3, providers });
    for (const channel of ['mail', 'portal', 'sms']) {
      const shown = await gateway.admin('GET', `/v1/channels/${channel}`);
      const put = await gateway.admin('PUT', `/v1/channels/${channel}`, shown.body);
      expect([put.status, put.body]).toEqual([200, shown.body]);
    }
    const [row] = await gateway.database.query<{ sealed: number }>(
      `SELECT count(secrets)::int AS sealed FROM provider_account WHERE channel = 'mail'`,
    );
    expect(row?.sealed).toBe(2);
    const wrong = await gateway.admin('PUT', '/v1/channels/mail', { enabled: true, nonsense: 1 });
    expect(wrong.status).toBe(400);
  });

  it('says which channels nobody serves', async () => {
    const { items } = (await gateway.admin('GET', '/v1/channels')).body as {
      items: { channel: string; status: string }[];
    };
    expect(items.find((item) => item.channel === 'portal')?.status).toBe('on');
    expect(items.find((item) => item.channel === 'dingtalk')?.status).toBe('sandbox');
  });

  it('answers at once when no worker can send the probe', async () => {
    const answer = await gateway.admin('POST', '/v1/channels/mail/test', { address: 'me@example.com' });
    expect(codeOf(answer)).toEqual([503, 'rpc_unavailable']);
    expect((await gateway.admin('POST', '/v1/channels/mail/test', { address: 'nonsense' })).status).toBe(400);
  });

  it.each([
    [{ params: { code: '1' } }, 'params'],
    [{ templateId: 'SMS_1', params: { code: {} } }, 'params'],
    [{ templateId: '' }, 'templateId'],
    [{ text: 1 }, 'text'],
  ])('refuses a test with %j', async (more, field) => {
    const answer = await gateway.admin('POST', '/v1/channels/mail/test', { address: 'me@example.com', ...more });
    expect([answer.status, answer.body.errors?.[0].field]).toEqual([400, field]);
  });

  it('keeps the order of smart mode', async () => {
    const smart = { order: ['sms', 'mail'], portalAtOnce: true };
    expect((await gateway.admin('PUT', '/v1/smart', smart)).body).toEqual(smart);
    expect((await gateway.admin('GET', '/v1/smart')).body).toEqual(smart);
    expect((await gateway.admin('PUT', '/v1/smart', { order: ['sms', 'sms'], portalAtOnce: true })).status).toBe(400);
  });
});

describe('sensitive words', () => {
  it('adds to and removes from both lists', async () => {
    const added = await gateway.admin('POST', '/v1/sensitive-words', { words: ['赌博', 'spam'], allowed: ['反赌博'] });
    expect(added.body).toEqual({ words: ['spam', '赌博'], allowed: ['反赌博'] });
    const left = await gateway.admin('DELETE', '/v1/sensitive-words', { words: ['spam', '反赌博'] });
    expect(left.body).toEqual({ words: ['赌博'], allowed: [] });
    expect((await gateway.admin('POST', '/v1/sensitive-words', { words: ['...'] })).body.errors).toMatchObject([
      { field: 'words[0]' },
    ]);
  });
});

describe('catalog', () => {
  it.each([
    ['client_app', 'POST', '/v1/client-apps', { name: 'x', channels: [] }],
    ['template', 'PUT', '/v1/templates/t', { name: 'x', params: [], content: { sms: { text: 'x' } } }],
    ['channel', 'PUT', '/v1/channels/sms', { enabled: true }],
    ['channel', 'PUT', '/v1/smart', { order: [], portalAtOnce: false }],
    ['sensitive_word', 'POST', '/v1/sensitive-words', { words: ['catalog'] }],
  ] as const)('raises the revision of %s and writes one audit line with %s %s', async (topic, method, url, body) => {
    const state = async (): Promise<[number, number]> => {
      const [row] = await gateway.database.query<{ revision: number; lines: number }>(
        `SELECT revision, (SELECT count(*) FROM audit_log) AS lines FROM catalog_revision WHERE topic = $1`,
        [topic],
      );
      return [row?.revision ?? 0, row?.lines ?? 0];
    };
    const [revision, lines] = await state();
    expect((await gateway.admin(method, url, body)).status).toBeLessThan(300);
    expect(await state()).toEqual([revision + 1, lines + 1]);
    await gateway.admin(method, url, { ...body, nonsense: true });
    expect(await state()).toEqual([revision + 1, lines + 1]);
  });
});
