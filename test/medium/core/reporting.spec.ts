import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { ClientAppAdminRepository, FoldRepository, SettleRepository, TagRepository } from '#entities';
import { SecretBox } from '#platform';
import { CallbackService } from '../../../apps/reporting/src/callbacks/callback.service.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

interface Call {
  headers: IncomingHttpHeaders;
  body: string;
  items: { ref_no: string; uid: string; channel: string; status: string; at: string; error?: string }[];
}

let mc: CoreSteps;
let webhookSecret: string;
let receiver: Server;
let url: string;
const calls: Call[] = [];
/** Calls to `/hang`, which get no answer until they are ended. */
const unanswered: ServerResponse[] = [];
/** What the receiver answers, in turn; then 200. */
const answers: { status: number; headers?: Record<string, string> }[] = [];

beforeAll(async () => {
  mc = await coreSteps();
  ({ webhookSecret } = await mc.addApp('app'));
  for (const n of [1, 2, 3]) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      if (request.url === '/hang') return unanswered.push(response);
      calls.push({
        headers: request.headers,
        body,
        items: (JSON.parse(body) as { data: { items: Call['items'] } }).data.items,
      });
      const { status, headers = {} } = answers.shift() ?? { status: 200 };
      return response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  calls.length = 0;
  answers.length = 0;
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, callback, report_hour',
    ),
  );
  await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  expect(violations).toEqual([]);
});
afterAll(async () => {
  await mc.close();
  receiver.close();
});

const users = (...ids: string[]): { users: { id: string }[] } => ({ users: ids.map((id) => ({ id })) });
const sms = only('sms');
const attempted = (id: string): Promise<{ attempts: number; due_in_s: number; last_code: string }[]> =>
  mc.rows(
    `SELECT attempts, last_code, extract(epoch FROM due_at - now())::float8 AS due_in_s FROM callback WHERE message_id = $1`,
    [id],
  );

/** Folds and lets the callbacks that are due go out, each once. */
async function callBack(): Promise<void> {
  await mc.fold();
  const due = async (): Promise<number> => (await mc.rows('SELECT 1 FROM callback WHERE due_at <= now()')).length;
  const held = async (): Promise<number> =>
    (await mc.rows('SELECT 1 FROM callback WHERE lease_token IS NOT NULL')).length;
  if ((await due()) === 0) return;
  mc.get(CallbackService).wake();
  await mc.until(
    'the callbacks are settled',
    async () => (await due()) + (await held()),
    (left) => left === 0,
  );
}

/** As many as named of each app, older ones first. */
async function makeCallbacks(counts: Record<string, number>, to: string): Promise<void> {
  for (const [appId, count] of Object.entries(counts)) {
    await mc.rows(
      `INSERT INTO callback (app_id, url, items, due_at)
       SELECT $1, $2, '[]', now() - interval '1 hour' + n * interval '1 millisecond' FROM generate_series(1, $3::int) n`,
      [appId, to, count],
    );
  }
}

describe('folding', () => {
  it('by four at once counts everything once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 30 }, () => mc.send({ to: users('u1', 'u2', 'u3'), channels: { mode: 'all' } })),
    );
    await mc.work();
    const fold = mc.get(FoldRepository);
    const results = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        let folded = 0;
        for (let last = 1; last > 0; folded += last) last = (await fold.fold()).folded;
        return folded;
      }),
    );
    expect(results.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0);
    await mc.fold();
    for (const id of ids)
      expect(await mc.state(id)).toMatchObject({ status: 'completed', delivered: 3, sent: 6, ended: 9 });
    expect(
      await mc.rows('SELECT channel, status, sum(count)::int AS n FROM report_hour GROUP BY 1, 2 ORDER BY 1, 2'),
    ).toEqual([
      { channel: 'mail', status: 20, n: 90 },
      { channel: 'portal', status: 40, n: 90 },
      { channel: 'sms', status: 20, n: 90 },
    ]);
  });

  it('that fails in the middle counts nothing, and the next one everything', async () => {
    const id = await mc.send({ to: users('u1', 'u2'), ...sms });
    await mc.work();
    await mc.rows('ALTER TABLE report_hour ADD CONSTRAINT broken CHECK (count < 0) NOT VALID');
    await expect(mc.get(FoldRepository).fold()).rejects.toThrow('broken');
    await mc.rows('ALTER TABLE report_hour DROP CONSTRAINT broken');
    expect(await mc.state(id)).toMatchObject({ sent: 0, ended: 0 });
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ sent: 2, ended: 2, status: 'completed' });
  });

  it('moves a delivery from one sum to the next, and counts both in the time series', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    await mc.fold();
    await mc.receipt('sms', mc.provider.sent[0]?.ref ?? '', 'delivered');
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ sent: 0, delivered: 1, ended: 1 });
    expect(await mc.rows(`SELECT app_id, status, count FROM report_hour ORDER BY status`)).toEqual([
      { app_id: 'app', status: 20, count: 1 },
      { app_id: 'app', status: 40, count: 1 },
    ]);
  });
});

describe('a status callback', () => {
  it('tells sent, delivered and read, signed with the app’s secret', async () => {
    const id = await mc.send({ to: users('u1'), ...sms, statusCallback: url });
    await mc.work();
    await callBack();
    for (const status of ['delivered', 'read'] as const) {
      await mc.receipt('sms', mc.provider.sent[0]?.ref ?? '', status);
      await callBack();
    }
    expect(calls.map((call) => call.items)).toMatchObject(
      ['sent', 'delivered', 'read'].map((status) => [{ ref_no: id, uid: 'u1', channel: 'sms', status }]),
    );
    for (const { body, headers } of calls) {
      const verified = new Webhook(webhookSecret).verify(body, headers as Record<string, string>);
      expect(verified).toMatchObject({ type: 'delivery.status', timestamp: expect.any(String) });
      expect(Object.keys(JSON.parse(body) as object).sort()).toEqual(['data', 'timestamp', 'type']);
    }
    expect(new Set(calls.map((call) => call.headers['webhook-id'])).size).toBe(3);
    expect(await attempted(id)).toEqual([]);
  });

  it('names a person outside the directory by his address, and a failure by its code', async () => {
    mc.provider.on('sms', { class: 'bad_recipient', code: 'gone' });
    await mc.send({
      to: { ...users('u2'), addresses: [{ channel: 'sms', address: '13800000077' }] },
      ...sms,
      statusCallback: url,
    });
    await mc.work();
    await callBack();
    expect(calls.flatMap((call) => call.items).map(({ uid, status, error }) => ({ uid, status, error }))).toEqual([
      { uid: 'u2', status: 'failed', error: 'gone' },
      { uid: '13800000077', status: 'failed', error: 'gone' },
    ]);
  });

  it('does not tell of the steps of a fallback, only of its end', async () => {
    mc.provider.on('sms', { class: 'bad_recipient', code: 'gone' });
    await mc.send({ to: users('u1'), statusCallback: url });
    await mc.work();
    await callBack();
    expect(calls.flatMap((call) => call.items)).toMatchObject([{ uid: 'u1', channel: 'mail', status: 'sent' }]);
  });

  it('does not tell of a failure that comes after the chain went on', async () => {
    await mc.rows(
      `INSERT INTO setting (name, value) VALUES ('smart', '{"order":["sms","mail"],"portalAtOnce":false}')`,
    );
    await mc.rows(
      `INSERT INTO channel_config (channel, smart_success_when, smart_within_s) VALUES ('sms', 'delivered', 60)`,
    );
    await mc.refresh();
    const id = await mc.send({ to: users('u1'), channels: { mode: 'smart' }, statusCallback: url });
    await mc.work();
    await mc.makeDue(id);
    await mc.dueWork();
    await mc.receipt('sms', mc.provider.sent[0]?.ref ?? '', 'failed');
    await mc.work();
    await callBack();
    await mc.rows('DELETE FROM setting');
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
    expect(calls.flatMap((call) => call.items).map((item) => [item.channel, item.status])).toEqual([
      ['sms', 'sent'],
      ['mail', 'sent'],
    ]);
    expect(await mc.rows('SELECT 1 FROM dead_letter')).toEqual([]);
  });

  it('carries at most a hundred items of one message', async () => {
    await mc.get(TagRepository).add(
      'app',
      'crowd',
      Array.from({ length: 250 }, (_, i) => `crowd${i}`),
    );
    const id = await mc.send({ to: { tags: ['crowd'] }, ...only('portal'), statusCallback: url });
    await callBack();
    expect(calls.map((call) => call.items.length).sort()).toEqual([100, 100, 50]);
    expect(new Set(calls.flatMap((call) => call.items.map((item) => item.uid))).size).toBe(250);
    expect(calls.every((call) => call.items.every((item) => item.ref_no === id))).toBe(true);
  });

  it('is repeated along the ladder with the same id, then becomes a dead letter', async () => {
    const id = await mc.send({ to: users('u1'), ...sms, statusCallback: url });
    await mc.work();
    for (const [tries, seconds] of [5, 30, 120, 600, 3600, 14_400, 43_200].entries()) {
      answers.push({ status: 500 });
      await callBack();
      const [row] = await attempted(id);
      expect(row).toMatchObject({ attempts: tries + 1, last_code: 'http_500' });
      expect(row?.due_in_s).toBeGreaterThan(seconds * 0.79);
      expect(row?.due_in_s).toBeLessThan(seconds * 1.21);
      await mc.rows('UPDATE callback SET due_at = now()');
    }
    answers.push({ status: 503 });
    await callBack();
    expect(calls).toHaveLength(8);
    expect(new Set(calls.map((call) => call.headers['webhook-id'])).size).toBe(1);
    expect(await attempted(id)).toEqual([]);
    expect(await mc.rows(`SELECT kind, cause, app_id, payload->>'url' AS url FROM dead_letter`)).toEqual([
      { kind: 'callback', cause: 'http_503', app_id: 'app', url },
    ]);
  });

  it('waits as long as Retry-After asks, never less', async () => {
    answers.push({ status: 429, headers: { 'retry-after': '900' } });
    const id = await mc.send({ to: users('u1'), ...sms, statusCallback: url });
    await mc.work();
    await callBack();
    expect((await attempted(id))[0]?.due_in_s).toBeGreaterThanOrEqual(898);
  });

  it('stops at 410, and follows no redirect', async () => {
    answers.push({ status: 410 });
    await mc.send({ to: users('u1'), ...sms, statusCallback: url });
    await mc.work();
    await callBack();
    expect(await mc.rows('SELECT cause FROM dead_letter')).toEqual([{ cause: 'http_410' }]);
    answers.push({ status: 302, headers: { location: url } });
    const id = await mc.send({ to: users('u2'), ...sms, statusCallback: url });
    await mc.work();
    await callBack();
    expect(calls).toHaveLength(2);
    expect(await attempted(id)).toMatchObject([{ last_code: 'http_302' }]);
  });

  it('to an address that may not be called is tried along the ladder, without a call', async () => {
    const id = await mc.send({ to: users('u1'), ...sms, statusCallback: url });
    await mc.rows(`UPDATE message SET status_callback = 'http://10.0.0.1/' WHERE id = $1`, [id]);
    await mc.work();
    await callBack();
    expect(await attempted(id)).toMatchObject([{ attempts: 1, last_code: 'blocked_address' }]);
    expect(calls).toEqual([]);
  });

  it('is not made for a message that asks for none', async () => {
    await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    await mc.fold();
    expect(await mc.rows('SELECT 1 FROM callback')).toEqual([]);
  });

  it('waits behind no app whose receivers hang, however many of its own are due first', async () => {
    const hang = url.replace('/hook', '/hang');
    const settled = (appId: string): Promise<boolean> =>
      mc.rows('SELECT FROM callback WHERE app_id = $1', [appId]).then((rows) => rows.length === 0);
    for (const appId of ['slow1', 'slow2', 'slow3', 'swift']) await mc.addApp(appId);
    await makeCallbacks({ slow1: 300, slow2: 300, slow3: 300 }, hang);
    mc.get(CallbackService).wake();
    await mc.until(
      'each has its share under way, and one like theirs is left',
      () => Promise.resolve(unanswered.length),
      (count) => count === 96,
    );
    await makeCallbacks({ swift: 100 }, url);
    mc.get(CallbackService).wake();
    await mc.until('the other app is told everything', () => settled('swift'), Boolean);
    expect(calls).toHaveLength(100);
    expect(unanswered).toHaveLength(96);
    await mc.rows('DELETE FROM callback WHERE lease_token IS NULL');
    for (const response of unanswered.splice(0)) response.writeHead(200).end();
    for (const appId of ['slow1', 'slow2', 'slow3']) await mc.until('none is left', () => settled(appId), Boolean);
  });

  it('that cannot be signed is tried along the ladder, and keeps no other waiting', async () => {
    for (const appId of ['emptied', 'altered']) await mc.addApp(appId);
    await mc.rows(`UPDATE client_app SET webhook_secret = '' WHERE app_id = 'emptied'`);
    await mc.rows(`UPDATE client_app SET webhook_secret = decode(repeat('00', 64), 'hex') WHERE app_id = 'altered'`);
    await makeCallbacks({ emptied: 1, altered: 1, app: 1 }, url);
    await callBack();
    expect(calls).toHaveLength(1);
    expect(await mc.rows('SELECT app_id, attempts, last_code FROM callback ORDER BY app_id')).toEqual(
      ['altered', 'emptied'].map((appId) => ({ app_id: appId, attempts: 1, last_code: 'secret_unreadable' })),
    );
  });

  it('is signed with the new secret alone where the one before was emptied', async () => {
    await mc.addApp('renewed');
    await mc.rows(`UPDATE client_app SET webhook_secret = '', previous_webhook_secret = '' WHERE app_id = 'renewed'`);
    const by = { actor: 'admin', action: 'client-app.rotate-webhook-secret', target: 'renewed' };
    const sealed = mc.get(SecretBox).seal(webhookSecret, 'client_app.webhook_secret:renewed');
    await mc.get(ClientAppAdminRepository).rotateWebhookSecret('renewed', sealed, by);
    expect(await mc.rows(`SELECT previous_webhook_secret AS v FROM client_app WHERE app_id = 'renewed'`)).toEqual([
      { v: null },
    ]);
    for (const stored of ['', 'of a key that is gone']) {
      await mc.rows(`UPDATE client_app SET previous_webhook_secret = $1 WHERE app_id = 'renewed'`, [
        Buffer.from(stored),
      ]);
      await mc.refresh();
      await makeCallbacks({ renewed: 1 }, url);
      await callBack();
    }
    expect(calls.map(({ headers }) => String(headers['webhook-signature']).split(' ').length)).toEqual([1, 1]);
    for (const { body, headers } of calls)
      expect(() => new Webhook(webhookSecret).verify(body, headers as Record<string, string>)).not.toThrow();
  });

  it('is signed with the secret before a rotation, too, but no longer than it stands', async () => {
    await mc.addApp('rotated');
    const place = 'client_app.webhook_secret:rotated';
    await mc.rows(
      `UPDATE client_app SET webhook_secret = $1, previous_webhook_secret = $1, previous_webhook_secret_until = now() + interval '1 day'
        WHERE app_id = 'rotated'`,
      [mc.get(SecretBox).seal(webhookSecret, place)],
    );
    await makeCallbacks({ rotated: 1 }, url);
    await callBack();
    await mc.rows(`UPDATE client_app SET previous_webhook_secret_until = now() WHERE app_id = 'rotated'`);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now + 3_600_000);
    try {
      await makeCallbacks({ rotated: 1 }, url);
      await callBack();
    } finally {
      clock.mockRestore();
    }
    expect(calls.map(({ headers }) => String(headers['webhook-signature']).split(' ').length)).toEqual([2, 1]);
  });

  it('is made once although four fold and the outcome is told ten times', async () => {
    const id = await mc.send({ to: users('u1'), ...sms, statusCallback: url });
    const outcome = { messageId: id, seq: 0, status: 'sent', isOpen: false, isReported: true } as const;
    await Promise.all(
      Array.from({ length: 10 }, () => mc.database.transaction((tx) => mc.get(SettleRepository).settle(tx, [outcome]))),
    );
    await Promise.all([1, 2, 3, 4].map(() => mc.fold()));
    await callBack();
    expect(calls.flatMap((call) => call.items)).toHaveLength(1);
    await mc.rows('DELETE FROM work');
  });
});
