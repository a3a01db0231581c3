import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { coreApp, type CoreApp } from '../../support/core-app.js';

let first: CoreApp;
let second: CoreApp;
let token: string;
beforeAll(async () => {
  first = await coreApp({ running: true });
  second = await coreApp({ running: true, databaseUrl: first.databaseUrl });
  ({ token } = await first.addApp('app'));
  for (let i = 0; i < 50; i++)
    await first.addUser(`u${i}`, { sms: `138000000${String(i).padStart(2, '0')}`, mail: `u${i}@example.com` });
  await first.addTemplate('plain', { portal: { text: 'Hello {{name}}' } });
  await second.refresh();
});
afterAll(async () => {
  await second?.close();
  await first?.close();
});

async function send(port: number, body: object): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/msg/send?access_token=${token}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { code: number; data: { ref_no: string } };
  expect(answer).toMatchObject({ code: 0 });
  return answer.data.ref_no;
}
const untilCompleted = async (ids: readonly string[]): Promise<void> => {
  await first.until(
    'all messages are completed',
    () => first.rows<{ status: string }>('SELECT status FROM message_state WHERE message_id = ANY($1::uuid[])', [ids]),
    (rows) => rows.length === ids.length && rows.every((row) => row.status === 'completed'),
    40_000,
  );
  await first.until(
    'the report has heard of everything',
    () => first.rows('SELECT 1 FROM settlement'),
    (rows) => rows.length === 0,
    40_000,
  );
};
const sentTo = (address: string): number =>
  first.provider.sentTo(address).length + second.provider.sentTo(address).length;

describe('two whole suites on one database', () => {
  it('send every message once, whoever accepted, fanned out, handed over, sent and folded it', async () => {
    const ids = await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        send(i % 2 === 0 ? first.port : second.port, {
          uid: `u${i % 50}`,
          template: 'plain',
          params: { name: String(i) },
          channel: 'sms',
        }),
      ),
    );
    expect(new Set(ids).size).toBe(400);
    await untilCompleted(ids);
    for (let i = 0; i < 50; i++) expect(sentTo(`138000000${String(i).padStart(2, '0')}`)).toBe(8);
    expect(await first.violations({ atRest: true })).toEqual([]);
  });

  it('fall back, and end at the portal, by themselves', async () => {
    for (const core of [first, second])
      for (const channel of ['sms', 'mail'] as const) core.provider.on(channel, { class: 'bad_recipient' });
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        send(first.port, { uid: `u${i}`, template: 'plain', params: { name: 'x' } }),
      ),
    );
    await untilCompleted(ids);
    expect(
      await first.row(
        'SELECT sum(failed)::int AS failed, sum(delivered)::int AS delivered FROM message_state WHERE message_id = ANY($1::uuid[])',
        [ids],
      ),
    ).toEqual({
      failed: 40,
      delivered: 20,
    });
    for (const core of [first, second]) core.provider.reset();
    expect(await first.violations({ atRest: true })).toEqual([]);
    // The addresses that the provider called dead.
    await first.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  });

  it('send a message whose doorbell nobody heard', async () => {
    const [id] = await first.rows<{ id: string }>(
      `WITH old AS (SELECT * FROM message ORDER BY id DESC LIMIT 1), m AS (
         INSERT INTO message (id, client_app_id, door, kind, priority, content, params, audience, plan, accepted_at)
         SELECT overlay(id::text placing 'ffffffffffff' from 25)::uuid, client_app_id, door, kind, priority, '{"text":"lost"}', '{}',
                '{"users":[{"id":"u7"}]}', '{"mode":"list","steps":[{"channel":"mail"}]}', now() FROM old RETURNING id),
       s AS (INSERT INTO message_state (message_id, status) SELECT id, 'accepted' FROM m)
       INSERT INTO work (kind, message_id, app_id, priority, due_at) SELECT 'fan_out', id, 'app', 1, now() FROM m RETURNING message_id AS id`,
    );
    await untilCompleted([id?.id ?? '']);
    expect(sentTo('u7@example.com')).toBe(1);
  });
});
