import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DELIVERY_STATUS, DEVICE_STEP } from '#contracts';
import { DeviceConfigRepository, SettleRepository, newMessageId } from '#entities';
import { coreSteps, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

const S = DELIVERY_STATUS;

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  for (const app of ['app', 'other']) await mc.addApp(app);
  await mc.rows(
    `INSERT INTO device (token, user_id, platform) SELECT 'd' || n, 'u1', 'android' FROM generate_series(0, 499) n`,
  );
});
afterAll(() => mc.close());
beforeEach(async () => {
  mc.provider.reset();
  await mc.rows(emptying('device_config, work'));
});

let at = Date.now();
/** A config push to devices, as the fan-out leaves it. Answers the message id. */
async function push(devices: readonly string[], body: string, { app = 'app', tag = 'limits' as string | null } = {}) {
  const id = newMessageId((at += 1000));
  const payload = { display: 'config', body, ...(tag === null ? {} : { tag }) };
  await mc.rows(
    `WITH m AS (
       INSERT INTO message (id, client_app_id, door, kind, priority, content, audience, plan, accepted_at)
       VALUES ($1, $2, 'psp', 'notice', 1, $3, '{}', '{"mode":"list","steps":[{"channel":"push"}]}', now())
     ), s AS (
       INSERT INTO message_state (message_id, status, next_ordinal, chains, expected)
       VALUES ($1, 'dispatched', cardinality($4::text[]), cardinality($4::text[]), cardinality($4::text[]))
     ), d AS (
       INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref)
       SELECT $1, (place - 1) * 16 + ${DEVICE_STEP}, 0, true, 'push', 'u1', token, gen_random_uuid()
         FROM unnest($4::text[]) WITH ORDINALITY AS t(token, place) RETURNING seq
     )
     INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at)
     SELECT 'deliver', $1, $2, 'push', 1, array_agg(seq ORDER BY seq), now() FROM d`,
    [id, app, JSON.stringify({ payload }), devices],
  );
  return id;
}
const bodies = (): unknown[] => mc.provider.sent.map(({ address, content }) => [address, content.payload?.body]);
const states = async (id: string): Promise<unknown[]> =>
  (await mc.deliveries(id)).map(({ status, error_code: error }) => [status, error]);
const replay = (...devices: string[]): Promise<number> => mc.get(DeviceConfigRepository).replayFor(devices);
const acknowledge = (messageId: string): Promise<unknown> =>
  mc.database.transaction((tx) =>
    mc
      .get(SettleRepository)
      .settle(tx, [{ messageId, seq: DEVICE_STEP, status: 'delivered', isOpen: false, isReported: true }]),
  );

describe('of the config pushes of an app and tag to a device', () => {
  it('the newest is sent alone; those it replaces end and say so', async () => {
    const first = await push(['d1', 'd2'], 'v=1');
    const second = await push(['d1'], 'v=2');
    await mc.work('push');
    expect(bodies().sort()).toEqual([
      ['d1', 'v=2'],
      ['d2', 'v=1'],
    ]);
    expect(await states(first)).toEqual([
      [S.skipped, 'replaced'],
      [S.sent, null],
    ]);
    expect(await states(second)).toEqual([[S.sent, null]]);
    await mc.fold();
    expect(await mc.state(first)).toMatchObject({ status: 'completed', sent: 1, skipped: 1 });
  });

  it('one that waits for its next try ends as soon as a newer one is sent', async () => {
    mc.provider.on('push', { class: 'retry', code: 'away' });
    const first = await push(['d1'], 'v=1');
    await mc.work('push');
    mc.provider.reset();
    await push(['d1'], 'v=2');
    await mc.work('push');
    await mc.work('push');
    expect(bodies()).toEqual([['d1', 'v=2']]);
    expect(await states(first)).toEqual([[S.skipped, 'replaced']]);
  });

  it('one that went out keeps its status, bears the code, and may still be acknowledged', async () => {
    const first = await push(['d1'], 'v=1');
    await mc.work('push');
    await push(['d1'], 'v=2');
    await mc.work('push');
    expect(await states(first)).toEqual([[S.sent, 'replaced']]);
    await mc.receipt('push', mc.provider.sent[0]?.ref ?? '', 'delivered');
    expect(await states(first)).toEqual([[S.delivered, null]]);
  });

  it('an older one that comes late is not sent', async () => {
    const first = await push(['d1'], 'v=1');
    await mc.rows(`UPDATE work SET due_at = now() + interval '1 hour' WHERE message_id = $1`, [first]);
    await push(['d1'], 'v=2');
    await mc.work('push');
    await mc.makeDue(first);
    await mc.work('push');
    expect(bodies()).toEqual([['d1', 'v=2']]);
  });

  it('another tag, another app, another device and a push without a tag replace nothing', async () => {
    const all = [
      await push(['d1'], 'v=1'),
      await push(['d1'], 'v=2', { tag: 'other' }),
      await push(['d1'], 'v=3', { app: 'other' }),
      await push(['d1'], 'v=4', { tag: null }),
      await push(['d1'], 'v=5', { tag: null }),
      await push(['d2'], 'v=6'),
    ];
    await mc.work('push');
    expect(bodies()).toHaveLength(all.length);
    for (const id of all) expect(await states(id)).toEqual([[S.sent, null]]);
  });
});

describe('a device that comes back', () => {
  it('gets the newest config of each app and tag that it has not acknowledged, under the reference it had', async () => {
    await push(['d1', 'd2'], 'v=1');
    await mc.work('push');
    await push(['d1'], 'v=2');
    await push(['d1'], 'w=1', { tag: 'other' });
    await push(['d1'], 'x=1', { app: 'other' });
    await push(['d1'], 'y=1', { tag: null });
    await acknowledge(await push(['d1'], 'z=1', { tag: 'read' }));
    await mc.work('push');
    const refs = new Map(mc.provider.sent.map(({ content, ref }) => [content.payload?.body, ref]));
    mc.provider.reset();

    expect(await replay('d1')).toBe(3);
    await mc.work('push');
    expect(bodies().sort()).toEqual([
      ['d1', 'v=2'],
      ['d1', 'w=1'],
      ['d1', 'x=1'],
    ]);
    for (const { content, ref } of mc.provider.sent) expect(ref).toBe(refs.get(content.payload?.body));
  });

  it.each([
    ['failed', { class: 'bad_recipient', code: 'gone' }],
    ['unknown', { class: 'unknown_outcome' }],
  ] as const)('gets what ended as %s before', async (status, outcome) => {
    mc.provider.isIdempotent = false;
    mc.provider.on('push', outcome);
    const id = await push(['d1'], 'v=1');
    await mc.work('push');
    expect(await states(id)).toMatchObject([[S[status], expect.any(String)]]);
    mc.provider.reset();
    await mc.rows('UPDATE device SET deactivated_at = NULL');
    expect(await replay('d1')).toBe(1);
    await mc.work('push');
    expect(bodies()).toEqual([['d1', 'v=1']]);
    await mc.receipt('push', mc.provider.sent[0]?.ref ?? '', 'delivered');
    expect(await states(id)).toEqual([[S.delivered, null]]);
    expect(await replay('d1')).toBe(0);
  });

  it('gets nothing twice while it is under way, nothing while it is out of use, nothing of a disabled app', async () => {
    await push(['d1'], 'v=1');
    await mc.work('push');
    expect(await replay('d1', 'd1', 'd2')).toBe(1);
    expect(await replay('d1')).toBe(0);
    await mc.work('push');
    await mc.rows(`UPDATE device SET deactivated_at = now() WHERE token = 'd1'`);
    expect(await replay('d1')).toBe(0);
    await mc.rows(`UPDATE device SET deactivated_at = NULL WHERE token = 'd1'`);
    await mc.rows(`UPDATE client_app SET enabled = false WHERE app_id = 'app'`);
    expect(await replay('d1')).toBe(0);
    await mc.rows(`UPDATE client_app SET enabled = true WHERE app_id = 'app'`);
    expect(await replay()).toBe(0);
  });

  it('does so together with hundreds of others, in pieces of work of 200', async () => {
    const devices = Array.from({ length: 500 }, (_, n) => `d${n}`);
    await push(devices, 'v=1');
    await mc.work('push');
    mc.provider.reset();
    expect(await replay(...devices)).toBe(500);
    const sizes = await mc.rows<{ size: number }>('SELECT cardinality(seqs) AS size FROM work ORDER BY 1');
    expect(sizes.map(({ size }) => size)).toEqual([100, 200, 200]);
    await mc.work('push');
    expect(mc.provider.sent).toHaveLength(500);
    expect(await mc.violations()).toEqual([]);
  });
});
