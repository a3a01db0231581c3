import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { timeOfMessageId } from '#entities';
import { messagesFixture, type MessagesFixture } from './native-messages.fixture.js';

let mc: MessagesFixture;
let shop: ReturnType<MessagesFixture['as']>;
let other: ReturnType<MessagesFixture['as']>;

beforeAll(async () => {
  mc = await messagesFixture();
  shop = mc.as(await mc.addApp('shop'));
  other = mc.as(await mc.addApp('other'));
  await mc.addUser('u1', { sms: '13800000001', mail: 'u1@example.com' });
  await mc.addUser('u2', { mail: 'u2@example.com' });
  await mc.addUser('u3');
});
afterAll(() => mc.close());

const hello = (to: object, more: object = {}): object => ({
  to,
  content: { title: 'Hello', text: 'Hello there' },
  ...more,
});

async function send(body: object, headers?: Record<string, string>): Promise<string> {
  const answer = await shop('POST', '/v1/messages', body, headers);
  expect(answer).toMatchObject({ status: 202 });
  return answer.body.id;
}

describe('POST /v1/messages', () => {
  it('answers an id whose message is committed', async () => {
    const answer = await shop('POST', '/v1/messages', hello({ users: ['u1'] }));
    expect(answer).toMatchObject({ status: 202, body: { id: expect.any(String), status: 'accepted' } });
    await expect(shop('GET', `/v1/messages/${answer.body.id}`)).resolves.toMatchObject({
      status: 200,
      body: { id: answer.body.id, appId: 'shop', door: 'native', status: 'accepted', channels: { mode: 'any' } },
    });
  });

  it('takes every field of the contract', async () => {
    const answer = await shop('POST', '/v1/messages', {
      to: {
        users: ['u1', { userId: 'u2', params: { n: 1 } }],
        addresses: [{ channel: 'mail', address: 'x@example.com', name: 'X' }],
      },
      channels: { mode: 'list', list: ['mail', 'sms'] },
      kind: 'todo',
      remindEvery: 86_400,
      priority: 'high',
      content: {
        title: 't',
        text: 'x',
        html: '<p>x</p>',
        summary: 's',
        url: 'https://a.example',
        pcUrl: 'https://desk.a.example',
        iconUrl: 'https://a.example/i.png',
      },
      sendAt: new Date(Date.now() + 3_600_000).toISOString(),
      expiresAt: new Date(Date.now() + 7_200_000).toISOString(),
      statusCallback: 'http://127.0.0.1:9/hook',
      reply: true,
    });
    expect(answer).toMatchObject({ status: 202, body: { status: 'scheduled' } });
    await expect(shop('GET', `/v1/messages/${answer.body.id}`)).resolves.toMatchObject({
      body: {
        status: 'scheduled',
        kind: 'todo',
        priority: 'high',
        channels: { mode: 'list', steps: [{ channel: 'mail' }, { channel: 'sms' }] },
      },
    });
  });

  it('answers the same message for the same key and body, whatever the order of its fields', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const id = await send({ to: { users: ['u1'] }, content: { title: 'a', text: 'b' } }, key);
    expect(await send({ content: { text: 'b', title: 'a' }, to: { users: ['u1'] } }, key)).toBe(id);
    await expect(shop('POST', '/v1/messages', hello({ users: ['u1'] }), key)).resolves.toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
  });

  it('keeps the keys of two client apps apart', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const id = await send(hello({ users: ['u1'] }), key);
    const answer = await other('POST', '/v1/messages', hello({ users: ['u1'] }), key);
    expect(answer.status).toBe(202);
    expect(answer.body.id).not.toBe(id);
  });

  it.each([
    ['a device that is no token', hello({ devices: ['d', 'd e'] }), 'to.devices', /\[1\] must be a device token/],
    ['remindEvery', hello({ users: ['u1'] }, { remindEvery: 60 }), 'remindEvery', /kind "todo"/],
    ['an unknown field', hello({ users: ['u1'] }, { status: 'sent' }), 'status', /not a field/],
    ['an unknown field of a user', hello({ users: [{ userId: 'u1', admin: true }] }), 'to.users', /\[0\]\.admin/],
    ['a user that is a number', hello({ users: ['u1', 7] }), 'to.users', /\[1\]/],
    ['users that are no list', hello({ users: 'u1' }), 'to.users', /must be a list/],
    [
      'an address of the portal',
      hello({ addresses: [{ channel: 'portal', address: 'x' }] }),
      'to.addresses',
      /channel/,
    ],
    ['an unknown mode', hello({ users: ['u1'] }, { channels: { mode: 'best' } }), 'channels.mode', /mode/],
    [
      'mode list without a list',
      hello({ users: ['u1'] }, { channels: { mode: 'list' } }),
      'channels.list',
      /needs a list/,
    ],
    [
      'a list with mode any',
      hello({ users: ['u1'] }, { channels: { mode: 'any', list: ['sms'] } }),
      'channels.list',
      /mode "list"/,
    ],
    ['a time without an offset', hello({ users: ['u1'] }, { sendAt: '2026-12-01T08:00:00' }), 'sendAt', /offset/],
    ['a time that is none', hello({ users: ['u1'] }, { expiresAt: '2026-13-45T08:00:00Z' }), 'expiresAt', /ISO 8601/],
    ['a missing audience', { content: { text: 'x' } }, 'to', /to/],
    ['neither content nor template', { to: { users: ['u1'] } }, 'content', /exactly one/],
    ['both content and template', hello({ users: ['u1'] }, { template: { code: 'x' } }), 'content', /exactly one/],
    [
      'params that are objects',
      { to: { users: ['u1'] }, template: { code: 'x', params: { a: {} } } },
      'template.params',
      /\.a/,
    ],
  ])('refuses %s and names it', async (_, body, field, detail) => {
    const answer = await shop('POST', '/v1/messages', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body.errors).toEqual(expect.arrayContaining([{ field, detail: expect.stringMatching(detail) }]));
  });

  it('refuses a start more than 180 days ahead', async () => {
    const sendAt = new Date(Date.now() + 181 * 24 * 3_600_000).toISOString();
    await expect(shop('POST', '/v1/messages', hello({ users: ['u1'] }, { sendAt }))).resolves.toMatchObject({
      status: 400,
      body: { code: 'time_refused' },
    });
  });

  it('refuses a key that is none', async () => {
    const answer = await shop('POST', '/v1/messages', hello({ users: ['u1'] }), { 'idempotency-key': 'x'.repeat(256) });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } });
  });

  it('takes ten thousand recipients with params of their own', async () => {
    const users = Array.from({ length: 10_000 }, (_, i) => ({ userId: `many-${i}`, params: { n: String(i) } }));
    const answer = await shop('POST', '/v1/messages', hello({ users }));
    expect(answer.status).toBe(202);
  });

  it('needs the token of a client app', async () => {
    await expect(mc.call('POST', '/v1/messages', { body: hello({ users: ['u1'] }) })).resolves.toMatchObject({
      status: 401,
    });
    await expect(mc.admin('POST', '/v1/messages', hello({ users: ['u1'] }))).resolves.toMatchObject({ status: 403 });
  });
});

describe('dry run', () => {
  it('shows channels, fallbacks and text, or the reason, and stores nothing', async () => {
    await mc.rows(`INSERT INTO opt_out (user_id, kind, value) VALUES ('u3', 'app', 'shop')`);
    const before = await mc.rows('SELECT (SELECT count(*) FROM message) AS m, (SELECT count(*) FROM work) AS w');
    const answer = await shop(
      'POST',
      '/v1/messages/dry-run',
      hello({ users: ['u1', 'u3', 'nobody'], addresses: [{ channel: 'sms', address: '13900000000' }] }),
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      hasMore: false,
      items: [
        { recipient: 'nobody', deliveries: [{ skipped: 'unknown_recipient' }] },
        {
          recipient: 'u1',
          deliveries: [{ channel: 'sms', fallbacks: ['mail', 'portal'], content: { text: 'Hello there' } }],
        },
        { recipient: 'u3', deliveries: [{ skipped: 'opted_out_of_app' }] },
        { recipient: null, address: '13900000000', deliveries: [{ channel: 'sms', content: { text: 'Hello there' } }] },
      ],
    });
    expect(await mc.rows('SELECT (SELECT count(*) FROM message) AS m, (SELECT count(*) FROM work) AS w')).toEqual(
      before,
    );
    await mc.rows(`DELETE FROM opt_out`);
  });

  it('chooses what a real fan-out chooses', async () => {
    const body = hello({ users: ['u1', 'u2', 'u3', 'nobody'] }, { channels: { mode: 'all' } });
    const dry = await shop('POST', '/v1/messages/dry-run', body);
    const id = await send(body);
    await mc.fanOut(id);
    const real = await mc.rows<{ uid: string; channel: string }>(
      'SELECT recipient AS uid, channel FROM delivery WHERE message_id = $1 ORDER BY seq',
      [id],
    );
    const shown = dry.body.items.flatMap((item: { recipient: string; deliveries: { channel: string }[] }) =>
      item.deliveries.map(({ channel }) => ({ uid: item.recipient, channel })),
    );
    expect(shown).toEqual(real);
  });

  it('fills the params of each recipient', async () => {
    const [template] = await mc.rows<{ id: number }>(
      `INSERT INTO template (app_id, code) VALUES ('shop', 'hi') RETURNING id`,
    );
    await mc.rows(
      `WITH v AS (INSERT INTO template_version (template_id, version, name, params, content)
         VALUES ($1, 1, 'hi', '{who}', '{"portal":{"title":"Hi","text":"Hi {{who}}"}}') RETURNING id)
       UPDATE template SET current_version_id = (SELECT id FROM v) WHERE id = $1`,
      [template?.id],
    );
    const answer = await shop('POST', '/v1/messages/dry-run', {
      to: { users: ['u1', { userId: 'u2', params: { who: 'Two' } }] },
      template: { code: 'hi', params: { who: 'all' } },
      channels: { mode: 'list', list: ['portal'] },
    });
    expect(answer.body.items).toMatchObject([
      { recipient: 'u1', deliveries: [{ content: { text: 'Hi all' } }] },
      { recipient: 'u2', deliveries: [{ content: { text: 'Hi Two' } }] },
    ]);
    expect(answer.body.items[0].deliveries[0].content.text).toBe('Hi all');
  });

  it('shows a bounded number of recipients and says that there are more', async () => {
    const answer = await shop(
      'POST',
      '/v1/messages/dry-run?limit=2',
      hello({ all: true }, { channels: { mode: 'list', list: ['portal'] } }),
    );
    expect(answer).toMatchObject({ status: 200, body: { hasMore: true } });
    expect(answer.body.items).toHaveLength(2);
    await expect(shop('POST', '/v1/messages/dry-run?limit=2000', hello({ all: true }))).resolves.toMatchObject({
      status: 400,
    });
  });

  it('refuses what sending would refuse', async () => {
    await expect(
      shop('POST', '/v1/messages/dry-run', { to: { users: ['u1'] }, template: { code: 'none' } }),
    ).resolves.toMatchObject({
      status: 404,
      body: { code: 'template_unknown' },
    });
  });
});

describe('what happened to a message', () => {
  it('counts and lists its deliveries with every attempt', async () => {
    const id = await send(hello({ users: ['u1', 'u2'] }, { channels: { mode: 'list', list: ['mail'] } }));
    await mc.fanOut(id);
    await mc.settle([
      { messageId: id, seq: 0, status: 'delivered', isOpen: false, isReported: true, attempts: 1, provider: 'sandbox' },
      {
        messageId: id,
        seq: 16,
        status: 'failed',
        isOpen: false,
        isReported: true,
        attempts: 1,
        provider: 'sandbox',
        errorCode: 'timeout',
        errorText: 'no answer',
      },
    ]);
    await mc.rows(
      `INSERT INTO delivery_attempt VALUES ($1, 16, 1, now(), now(), 'sandbox', 'a1', 'unknown_outcome', 'timeout', 'no answer', true)`,
      [id],
    );
    await mc.fold();
    await expect(shop('GET', `/v1/messages/${id}`)).resolves.toMatchObject({
      body: { status: 'completed', counts: { recipients: 2, open: 0, delivered: 1, failed: 1 } },
    });
    const deliveries = await shop('GET', `/v1/messages/${id}/deliveries`);
    expect(deliveries.body).toMatchObject({
      items: [
        { recipient: 'u1', channel: 'mail', status: 'delivered', attempts: [] },
        {
          recipient: 'u2',
          status: 'failed',
          error: { code: 'timeout', text: 'no answer' },
          attempts: [
            { attempt: 1, outcome: 'unknown_outcome', code: 'timeout', words: 'no answer', isPossibleDuplicate: true },
          ],
        },
      ],
      nextCursor: null,
    });
  });

  it('shows addresses of the directory to the administrator only', async () => {
    const id = await send(
      hello(
        { users: ['u1'], addresses: [{ channel: 'sms', address: '13900000001' }] },
        { channels: { mode: 'list', list: ['sms'] } },
      ),
    );
    await mc.fanOut(id);
    const own = await shop('GET', `/v1/messages/${id}/deliveries`);
    expect(own.text).not.toContain('13800000001');
    expect(own.text).toContain('13900000001');
    const admin = await mc.admin('GET', `/v1/messages/${id}/deliveries`);
    expect(admin.text).toContain('13800000001');
  });

  it('says `sending` of what a worker holds', async () => {
    const id = await send(hello({ users: ['u1', 'u2'] }, { channels: { mode: 'list', list: ['mail'] } }));
    await mc.fanOut(id);
    await mc.rows('UPDATE work SET lease_token = gen_random_uuid(), seqs = $2 WHERE message_id = $1', [id, [0]]);
    const { body } = await shop('GET', `/v1/messages/${id}/deliveries`);
    expect(body.items.map((item: { status: string }) => item.status)).toEqual(['sending', 'pending']);
  });

  it('pages deliveries by cursor and filters them by recipient', async () => {
    const id = await send(hello({ users: ['u1', 'u2', 'u3'] }, { channels: { mode: 'list', list: ['portal'] } }));
    await mc.fanOut(id);
    const first = await shop('GET', `/v1/messages/${id}/deliveries?limit=2`);
    const second = await shop('GET', `/v1/messages/${id}/deliveries?limit=2&cursor=${first.body.nextCursor}`);
    const seen = [...first.body.items, ...second.body.items].map((item: { recipient: string }) => item.recipient);
    expect(seen).toEqual(['u1', 'u2', 'u3']);
    expect(second.body.nextCursor).toBeNull();
    const one = await shop('GET', `/v1/messages/${id}/deliveries?recipient=u2`);
    expect(one.body.items).toHaveLength(1);
    await expect(shop('GET', `/v1/messages/${id}/deliveries?cursor=WzEuNV0`)).resolves.toMatchObject({ status: 400 });
  });

  it("answers another app's message exactly like an unknown one", async () => {
    const id = await send(hello({ users: ['u1'] }));
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/deliveries'],
      ['POST', '/cancel'],
    ] as const) {
      const foreign = await other(method, `/v1/messages/${id}${path}`);
      const unknown = await other(method, `/v1/messages/${randomUUID()}${path}`);
      const malformed = await other(method, `/v1/messages/nonsense${path}`);
      expect(foreign.status).toBe(404);
      for (const answer of [unknown, malformed]) {
        expect({ ...answer.body, requestId: '' }).toEqual({ ...foreign.body, requestId: '' });
      }
    }
  });
});

describe('cancelling', () => {
  it('cancels a scheduled message at once, again and again', async () => {
    const id = await send(hello({ users: ['u1'] }, { sendAt: new Date(Date.now() + 3_600_000).toISOString() }));
    await expect(shop('POST', `/v1/messages/${id}/cancel`)).resolves.toMatchObject({
      status: 200,
      body: { id, status: 'cancelled' },
    });
    await expect(mc.admin('POST', `/v1/messages/${id}/cancel`)).resolves.toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    await expect(mc.rows('SELECT 1 FROM work WHERE message_id = $1', [id])).resolves.toEqual([]);
    await expect(
      mc.rows(`SELECT actor FROM audit_log WHERE action = 'message.cancel' AND target = $1`, [id]),
    ).resolves.toEqual([{ actor: 'admin' }]);
  });

  it('is too late for a completed message', async () => {
    const id = await send(hello({ users: ['u1'] }, { channels: { mode: 'list', list: ['portal'] } }));
    await mc.fanOut(id);
    await mc.fold();
    await expect(shop('POST', `/v1/messages/${id}/cancel`)).resolves.toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });
});

describe('GET /v1/messages', () => {
  it('lists newest first, page by page, each message once', async () => {
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await send(hello({ users: ['u2'] })));
    const seen: string[] = [];
    let cursor = '';
    do {
      const { status, body } = await shop('GET', `/v1/messages?limit=2${cursor}`);
      expect(status).toBe(200);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(seen.slice(0, 5)).toEqual(ids.reverse());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('filters by status, channel, recipient, time and app', async () => {
    const id = await send(hello({ users: ['u3'] }, { channels: { mode: 'list', list: ['portal'] } }));
    // Ids carry the time of the database's clock, which under load is some milliseconds off this process's.
    const since = new Date(timeOfMessageId(id)).toISOString();
    await mc.fanOut(id);
    await mc.fold();
    const ids = async (query: string): Promise<string[]> => {
      const answer = await mc.admin('GET', `/v1/messages?${query}`);
      expect(answer.status).toBe(200);
      return answer.body.items.map((item: { id: string }) => item.id);
    };
    const from = `from=${encodeURIComponent(since)}`;
    expect(await ids(`${from}&status=completed`)).toEqual([id]);
    expect(await ids(`${from}&channel=portal`)).toEqual([id]);
    expect(await ids(`${from}&channel=sms`)).toEqual([]);
    expect(await ids(`${from}&recipient=u3`)).toEqual([id]);
    expect(await ids(`${from}&recipient=u3&channel=sms`)).toEqual([]);
    expect(await ids(`${from}&app=shop`)).toEqual([id]);
    expect(await ids(`${from}&app=other`)).toEqual([]);
    expect(await ids(`to=${encodeURIComponent(since)}&recipient=u3&limit=1`)).not.toContain(id);
  });

  it('finds what went to devices by channel push, and shows the app the tokens', async () => {
    await mc.rows(`INSERT INTO device (token, user_id, platform) VALUES ('phone', 'u1', 'android')`);
    const phones = mc.as(await mc.addApp('phones', { channels: ['push', 'portal'] }));
    const sent = hello({ devices: ['phone', 'none'] }, { channels: { mode: 'list', list: ['portal'] } });
    const { id } = (await phones('POST', '/v1/messages', sent)).body;
    await mc.fanOut(id);
    const { body } = await phones('GET', '/v1/messages?channel=push');
    expect(body.items.map((item: { id: string }) => item.id)).toEqual([id]);
    const deliveries = await phones('GET', `/v1/messages/${id}/deliveries`);
    expect(deliveries.body.items).toMatchObject([
      { recipient: 'u1', address: 'phone', channel: 'push', status: 'pending' },
      { recipient: null, address: 'none', channel: 'push', status: 'failed', error: { code: 'unknown_device' } },
    ]);
  });

  it('shows a client app its own only', async () => {
    const id = await send(hello({ users: ['u1'] }));
    const { body } = await other('GET', '/v1/messages?limit=200');
    expect(body.items.map((item: { id: string }) => item.id)).not.toContain(id);
    await expect(other('GET', '/v1/messages?app=shop')).resolves.toMatchObject({ status: 400 });
  });

  it.each(['limit=0', 'limit=201', 'status=done', 'channel=fax', 'from=yesterday', 'cursor=%7B', 'limit=1&limit=2'])(
    'refuses ?%s',
    async (query) => {
      await expect(shop('GET', `/v1/messages?${query}`)).resolves.toMatchObject({ status: 400 });
    },
  );
});
