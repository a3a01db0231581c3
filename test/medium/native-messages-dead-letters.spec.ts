import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { messagesFixture, type MessagesFixture } from './native-messages.fixture.js';

let mc: MessagesFixture;
let shop: ReturnType<MessagesFixture['as']>;

beforeAll(async () => {
  mc = await messagesFixture();
  shop = mc.as(await mc.addApp('shop'));
  for (const id of ['u1', 'u2', 'u3']) await mc.addUser(id, { mail: `${id}@example.com`, sms: '13800000001' });
});
afterAll(() => mc.close());
beforeEach(async () => {
  await mc.rows('DELETE FROM dead_letter');
  await mc.rows('DELETE FROM opt_out');
});

/** A message on `list` whose every delivery failed with `cause`, folded. */
async function failedMessage(
  users: string[],
  cause: string,
  list: string[] = ['mail'],
  mode = 'list',
): Promise<string> {
  const { body } = await shop('POST', '/v1/messages', {
    to: { users },
    content: { title: 'Hello', text: 'Hello' },
    channels: mode === 'list' ? { mode, list } : { mode },
  });
  await mc.fanOut(body.id);
  const rows = await mc.rows<{ seq: number }>('SELECT seq FROM delivery WHERE message_id = $1 AND is_open', [body.id]);
  await failAll(
    body.id,
    rows.map((row) => row.seq),
    cause,
  );
  return body.id;
}

async function failAll(messageId: string, seqs: number[], cause: string): Promise<void> {
  await mc.settle(
    seqs.map((seq) => ({
      messageId,
      seq,
      status: 'failed',
      isOpen: false,
      isReported: true,
      attempts: 1,
      errorCode: cause,
    })),
  );
  await mc.rows('DELETE FROM work WHERE message_id = $1', [messageId]);
  await mc.fold();
}

const stateOf = async (id: string): Promise<Record<string, unknown>> => {
  const [row] = await mc.rows<Record<string, unknown>>('SELECT * FROM message_state WHERE message_id = $1', [id]);
  return row ?? {};
};
const replay = (body: object = {}, key?: string): ReturnType<typeof mc.call> =>
  mc.call('POST', '/v1/dead-letters/replay', {
    token: mc.adminToken,
    body,
    ...(key ? { headers: { 'idempotency-key': key } } : {}),
  });

describe('the desk', () => {
  it('groups what failed for good by kind, channel, cause and app', async () => {
    const id = await failedMessage(['u1', 'u2'], 'timeout');
    await failedMessage(['u3'], 'bad_account', ['sms']);
    await mc.rows(
      `INSERT INTO dead_letter (kind, app_id, cause, message_id) VALUES ('callback', 'shop', 'http_500', $1)`,
      [id],
    );
    const { status, body } = await mc.admin('GET', '/v1/dead-letters');
    expect(status).toBe(200);
    expect(body.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'delivery',
          channel: 'mail',
          cause: 'timeout',
          appId: 'shop',
          count: 2,
          isAtLeast: false,
        }),
        expect.objectContaining({ kind: 'delivery', channel: 'sms', cause: 'bad_account', count: 1 }),
        expect.objectContaining({ kind: 'callback', channel: '', cause: 'http_500', count: 1 }),
      ]),
    );
    expect(body.items[0].sample[0]).toMatchObject({ messageId: id, seqs: [0, 16], at: expect.stringMatching(/Z$/) });
    const callbacks = await mc.admin('GET', '/v1/dead-letters?kind=callback');
    expect(callbacks.body.items).toHaveLength(1);
  });

  it('bounds what it counts', async () => {
    await mc.rows(
      `INSERT INTO dead_letter (kind, app_id, channel, cause, message_id, seqs)
       SELECT 'delivery', 'shop', 'sms', 'timeout', gen_random_uuid(), '{0}' FROM generate_series(1, 1500)`,
    );
    const { body } = await mc.admin('GET', '/v1/dead-letters');
    expect(body.items).toMatchObject([{ count: 1000, isAtLeast: true }]);
  });

  it('comes page by page, the largest groups first', async () => {
    await mc.rows(
      `INSERT INTO dead_letter (kind, app_id, channel, cause, message_id, seqs)
       SELECT kind, app_id, channel, cause, gen_random_uuid(), '{0,1}'
         FROM (VALUES ('delivery', 'shop', 'sms', 'a', 3), ('delivery', 'shop', 'mail', 'b', 1), ('delivery', 'other', 'mail', 'b', 1),
                      ('delivery', 'shop', 'mail', 'B', 1), ('callback', 'shop', '', 'c', 4), ('delivery', 'shop', 'mail', 'ä', 1))
              AS g (kind, app_id, channel, cause, n), generate_series(1, n)`,
    );
    const whole = await mc.admin('GET', '/v1/dead-letters');
    expect(whole.body).toMatchObject({ nextCursor: null });
    expect(whole.body.items.map(({ count }: { count: number }) => count)).toEqual([6, 4, 2, 2, 2, 2]);

    const paged: unknown[] = [];
    let query = '?limit=1';
    for (let page = 0; page < 6; page++) {
      const { status, body } = await mc.admin('GET', `/v1/dead-letters${query}`);
      expect([status, body.items.length]).toEqual([200, 1]);
      paged.push(...body.items);
      query = `?limit=1&cursor=${body.nextCursor}`;
      expect(body.nextCursor === null).toBe(page === 5);
    }
    expect(paged).toEqual(whole.body.items);

    const first = (await mc.admin('GET', '/v1/dead-letters?channel=mail&limit=2')).body;
    const rest = await mc.admin('GET', `/v1/dead-letters?channel=mail&cursor=${first.nextCursor}`);
    expect([...first.items, ...rest.body.items]).toEqual(whole.body.items.slice(2));
  });

  it.each([
    'limit=0',
    'limit=201',
    'cursor=nonsense',
    `cursor=${Buffer.from('[1]').toString('base64url')}`,
    `cursor=${Buffer.from('[1e99,"delivery","","",""]').toString('base64url')}`,
    `cursor=${Buffer.from('[1,"letter","","",""]').toString('base64url')}`,
  ])('refuses the query ?%s', async (query) => {
    const [field] = query.split('=');
    await expect(mc.admin('GET', `/v1/dead-letters?${query}`)).resolves.toMatchObject({
      status: 400,
      body: { errors: [{ field }] },
    });
  });

  it('replays by no page', async () => {
    const answer = await mc.admin('POST', '/v1/dead-letters/replay', { filter: { limit: 1 } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'filter.limit' }] } });
  });

  it('is for administrators', async () => {
    await expect(shop('GET', '/v1/dead-letters')).resolves.toMatchObject({ status: 403 });
    await expect(shop('POST', '/v1/dead-letters/replay', {})).resolves.toMatchObject({ status: 403 });
  });
});

describe('a replay', () => {
  it('makes a new delivery of the same recipient and channel at the next free step', async () => {
    const id = await failedMessage(['u1'], 'timeout');
    await mc.rows(`UPDATE recipient_address SET address = 'new@example.com' WHERE user_id = 'u1' AND channel = 'mail'`);
    await expect(replay({ filter: { cause: 'timeout' } })).resolves.toMatchObject({
      status: 202,
      body: { replayId: expect.any(String), matched: 1, replayed: 1, refused: {}, hasMore: false },
    });
    const rows = await mc.rows(
      'SELECT seq, status, is_open, channel, recipient, address FROM delivery WHERE message_id = $1 ORDER BY seq',
      [id],
    );
    expect(rows).toEqual([
      expect.objectContaining({ seq: 0, status: 31, is_open: false }),
      { seq: 1, status: 0, is_open: true, channel: 'mail', recipient: 'u1', address: 'new@example.com' },
    ]);
    await expect(
      mc.rows(
        `SELECT kind, channel, seqs, app_id, expires_at > now() + interval '71 hours' AS lasts FROM work WHERE message_id = $1`,
        [id],
      ),
    ).resolves.toEqual([{ kind: 'deliver', channel: 'mail', seqs: [1], app_id: 'shop', lasts: true }]);
  });

  it('keeps the counters of the message right, open and after its outcome', async () => {
    const id = await failedMessage(['u1', 'u2'], 'timeout');
    expect(await stateOf(id)).toMatchObject({ ended: 2, expected: 2, failed: 2, status: 'completed' });
    await replay();
    await mc.fold();
    expect(await stateOf(id)).toMatchObject({ ended: 0, failed: 2 });
    await mc.settle([{ messageId: id, seq: 1, status: 'sent', isOpen: false, isReported: true }]);
    await mc.settle([
      { messageId: id, seq: 17, status: 'failed', isOpen: false, isReported: true, errorCode: 'timeout' },
    ]);
    await mc.fold();
    expect(await stateOf(id)).toMatchObject({ ended: 2, expected: 2, failed: 3, sent: 1 });
  });

  it('takes a dead letter once, and its next failure again', async () => {
    const id = await failedMessage(['u1'], 'timeout');
    await expect(replay()).resolves.toMatchObject({ body: { matched: 1 } });
    await expect(replay()).resolves.toMatchObject({ status: 202, body: { matched: 0, replayed: 0 } });
    await failAll(id, [1], 'timeout');
    await expect(replay()).resolves.toMatchObject({ body: { matched: 1, replayed: 1 } });
    await expect(mc.rows('SELECT seq FROM delivery WHERE message_id = $1 AND is_open', [id])).resolves.toEqual([
      { seq: 2 },
    ]);
  });

  it('is taken once by two administrators at the same time', async () => {
    const id = await failedMessage(['u1', 'u2', 'u3'], 'timeout');
    const answers = await Promise.all([replay(), replay(), replay()]);
    expect(answers.reduce((sum, { body }) => sum + body.replayed, 0)).toBe(3);
    await expect(
      mc.rows('SELECT seq FROM delivery WHERE message_id = $1 AND is_open ORDER BY 1', [id]),
    ).resolves.toHaveLength(3);
  });

  it('answers the same replay for the same key and body', async () => {
    await failedMessage(['u1'], 'timeout');
    const key = randomUUID();
    const first = await replay({ perSecond: 5 }, key);
    await failedMessage(['u2'], 'timeout');
    await expect(replay({ perSecond: 5 }, key)).resolves.toMatchObject({ status: 202, body: first.body });
    await expect(replay({ perSecond: 6 }, key)).resolves.toMatchObject({ status: 409 });
  });

  it('spreads the work over time', async () => {
    const id = await failedMessage(['u1', 'u2', 'u3'], 'timeout');
    await replay({ perSecond: 1 });
    const rows = await mc.rows<{ wait: number; size: number; fresh: boolean }>(
      `SELECT round(extract(epoch FROM due_at - now()))::int AS wait, cardinality(seqs) AS size, started_at = due_at AS fresh
         FROM work WHERE message_id = $1 ORDER BY due_at`,
      [id],
    );
    expect(rows).toEqual([0, 1, 2].map((wait) => ({ wait, size: 1, fresh: true })));
  });

  it('gives every failed channel of a recipient a step of its own', async () => {
    const id = await failedMessage(['u1'], 'timeout', ['mail', 'sms']);
    await expect(replay()).resolves.toMatchObject({ body: { matched: 2, replayed: 2 } });
    await expect(
      mc.rows('SELECT seq, channel FROM delivery WHERE message_id = $1 AND is_open ORDER BY seq', [id]),
    ).resolves.toEqual([
      { seq: 2, channel: 'mail' },
      { seq: 3, channel: 'sms' },
    ]);
  });

  it('refuses what is alive, cancelled, opted out, without an address or out of steps, and counts it', async () => {
    const delivered = await failedMessage(['u1'], 'a');
    await mc.settle([{ messageId: delivered, seq: 0, status: 'delivered', isOpen: false, isReported: true }]);
    const cancelled = await failedMessage(['u1'], 'b');
    await mc.rows('UPDATE message_state SET cancel_requested_at = now() WHERE message_id = $1', [cancelled]);
    await failedMessage(['u2'], 'c');
    await mc.rows(`INSERT INTO opt_out (user_id, kind, value) VALUES ('u2', 'channel', 'mail')`);
    const full = await failedMessage(['u3'], 'd');
    await mc.rows(
      `INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref)
       VALUES ($1, 14, 31, false, 'mail', 'u3', 'x', gen_random_uuid())`,
      [full],
    );
    await mc.rows(
      `INSERT INTO dead_letter (kind, app_id, channel, cause, message_id, seqs) VALUES ('delivery', 'shop', 'mail', 'e', $1, '{0}')`,
      [randomUUID()],
    );
    await mc.addUser('lost', { mail: 'lost@example.com' });
    const lost = await failedMessage(['lost'], 'f');
    await mc.rows(`UPDATE recipient_address SET suspended_at = now() WHERE user_id = 'lost'`);
    await expect(replay()).resolves.toMatchObject({
      body: {
        matched: 6,
        replayed: 0,
        refused: { not_dead: 1, message_cancelled: 1, opted_out: 1, no_free_step: 1, message_gone: 1, no_address: 1 },
      },
    });
    const desk = await mc.admin('GET', '/v1/dead-letters');
    expect(desk.body.items.map((group: { cause: string }) => group.cause).sort()).toEqual(['no_address', 'opted_out']);
    await mc.rows(`UPDATE recipient_address SET suspended_at = NULL WHERE user_id = 'lost'`);
    await expect(replay({ filter: { cause: 'no_address', messageId: lost } })).resolves.toMatchObject({
      body: { replayed: 1 },
    });
  });

  it('filters by app, channel and time', async () => {
    await failedMessage(['u1'], 'timeout');
    for (const filter of [
      { appId: 'other' },
      { channel: 'sms' },
      { before: '2020-01-01T00:00:00Z' },
      { kind: 'callback' },
    ]) {
      await expect(replay({ filter })).resolves.toMatchObject({ body: { matched: 0 } });
    }
    await expect(replay({ filter: { appId: 'shop', channel: 'mail', kind: 'delivery' } })).resolves.toMatchObject({
      body: { matched: 1 },
    });
  });

  it('queues callbacks again under the id their receiver may have seen', async () => {
    const webhookId = randomUUID();
    const messageId = await failedMessage(['u1'], 'x');
    await mc.rows('DELETE FROM dead_letter');
    await mc.rows(
      `INSERT INTO dead_letter (kind, app_id, cause, message_id, payload) VALUES ('callback', 'shop', 'http_500', $1, $2), ('callback', 'shop', 'http_500', $1, NULL)`,
      [messageId, JSON.stringify({ webhookId, url: 'https://a.example/hook', items: [{ uid: 'u1' }] })],
    );
    await expect(replay({ filter: { kind: 'callback' } })).resolves.toMatchObject({
      body: { matched: 2, replayed: 1, refused: { payload_missing: 1 } },
    });
    await expect(
      mc.rows('SELECT webhook_id, url, items, attempts FROM callback WHERE message_id = $1', [messageId]),
    ).resolves.toEqual([{ webhook_id: webhookId, url: 'https://a.example/hook', items: [{ uid: 'u1' }], attempts: 0 }]);
  });

  it('takes a bounded number at once and says that there are more', async () => {
    await mc.rows(
      `INSERT INTO dead_letter (kind, app_id, channel, cause, message_id, seqs)
       SELECT 'delivery', 'shop', 'sms', 'timeout', gen_random_uuid(), '{0}' FROM generate_series(1, 5500)`,
    );
    await expect(replay()).resolves.toMatchObject({
      body: { matched: 5000, refused: { message_gone: 5000 }, hasMore: true },
    });
    await expect(replay()).resolves.toMatchObject({ body: { matched: 500, hasMore: false } });
  });

  it('replays a large message whole, in work of at most 200', async () => {
    await mc.rows(`INSERT INTO recipient (user_id) SELECT 'large-' || i FROM generate_series(1, 3000) i`);
    await mc.rows(
      `INSERT INTO recipient_address (user_id, channel, address) SELECT 'large-' || i, 'webhook', 'https://a.example/' || i FROM generate_series(1, 3000) i`,
    );
    const users = Array.from({ length: 3000 }, (_, i) => `large-${i + 1}`);
    const id = await failedMessage(users, 'timeout', ['webhook']);
    await expect(replay({ perSecond: 1000 })).resolves.toMatchObject({
      body: { matched: 3000, replayed: 3000, refused: {} },
    });
    await expect(
      mc.rows('SELECT count(*) AS works, max(cardinality(seqs)) AS most FROM work WHERE message_id = $1', [id]),
    ).resolves.toEqual([{ works: 15, most: 200 }]);
  });

  it('is audited', async () => {
    await failedMessage(['u1'], 'timeout');
    const { body } = await replay({ filter: { cause: 'timeout' } });
    await expect(
      mc.rows('SELECT actor, action, details FROM audit_log WHERE target = $1', [body.replayId]),
    ).resolves.toEqual([
      {
        actor: 'admin',
        action: 'dead-letters.replay',
        details: { filter: { cause: 'timeout' }, perSecond: 50, result: body },
      },
    ]);
  });

  it.each([
    { perSecond: 0 },
    { perSecond: 1001 },
    { filter: { cause: 5 } },
    { filter: { status: 'x' } },
    { filter: { messageId: 'x' } },
  ])('refuses %j', async (body) => {
    await expect(replay(body)).resolves.toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});
