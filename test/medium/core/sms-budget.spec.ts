import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, FanOutRepository, SettleRepository, SmsBudgetRepository, type SettledOutcome } from '#entities';
import { coreSteps, only, type CoreSteps, type Sending } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  for (let n = 1; n <= 9; n++) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
  await mc.addUser('nobody', { mail: 'nobody@example.com' });
});
beforeEach(() => mc.addApp('app'));
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  await mc.rows(
    emptying(
      `work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, opt_out,
       idempotency_key, sms_budget, alarm, client_app`,
    ),
  );
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const sms = only('sms');
const users = (...ids: string[]): { users: { id: string }[] } => ({ users: ids.map((id) => ({ id })) });
const number = (n: number): { channel: 'sms'; address: string } => ({
  channel: 'sms',
  address: `139${String(n).padStart(8, '0')}`,
});
/** A text of so many segments. */
const text = (segments: number): { content: { text: string } } => ({
  content: { text: '短'.repeat(segments === 1 ? 1 : 67 * segments) },
});

async function quota(total: number | null, perDay: number | null = null): Promise<void> {
  await mc.rows(`UPDATE client_app SET sms_quota_total = $1, sms_quota_per_day = $2 WHERE app_id = 'app'`, [
    total,
    perDay,
  ]);
  await mc.refresh();
}
const used = async (): Promise<{ total: number; today: number } | undefined> =>
  (await mc.get(SmsBudgetRepository).usedBy(['app'])).get('app');
const segmentsOf = async (id: string): Promise<(number | null)[]> =>
  (
    await mc.rows<{ segments: number | null }>('SELECT segments FROM delivery WHERE message_id = $1 ORDER BY seq', [id])
  ).map((row) => row.segments);
const refusal = (sending: Sending): Promise<string> =>
  mc.accept(sending).then(
    (id) => id,
    (error: { code: string }) => error.code,
  );

describe('a message that is accepted', () => {
  it('takes the segments of everybody who surely gets an SMS, and leaves them on the deliveries', async () => {
    await quota(10);
    const id = await mc.send({
      to: { ...users('u1', 'u2', 'nobody'), addresses: [number(1)] },
      ...sms,
      ...text(2),
    });
    expect(await used()).toEqual({ total: 6, today: 6 });
    expect(await segmentsOf(id)).toEqual([null, 2, 2, 2]); // in the order of the ids: nobody, u1, u2
    await mc.work();
    expect(await used()).toEqual({ total: 6, today: 6 });
  });

  it('counts the text of each person', async () => {
    await quota(10);
    await mc.addTemplate('T', { sms: { text: '{{word}}' } });
    const params = { word: '短' };
    const id = await mc.send({
      to: { users: [{ id: 'u1' }, { id: 'u2', params: { word: '短'.repeat(140) } }] },
      ...sms,
      template: { code: 'T' },
      params,
    });
    expect(await segmentsOf(id)).toEqual([1, 3]);
    expect(await used()).toMatchObject({ total: 4 });
  });

  it('is refused as a whole where the quota does not cover it: nothing is stored, nothing is taken', async () => {
    await quota(3);
    await mc.accept({ to: users('u1'), ...sms });
    expect(await refusal({ to: users('u2', 'u3', 'u4'), ...sms })).toBe('sms_quota_exceeded');
    expect(await used()).toEqual({ total: 1, today: 1 });
    expect(await mc.rows('SELECT 1 FROM message')).toHaveLength(1);
    await mc.accept({ to: users('u2', 'u3'), ...sms });
    expect(await used()).toMatchObject({ total: 3 });
  });

  it('is measured by the day as well as in total', async () => {
    await quota(10, 2);
    await mc.accept({ to: users('u1', 'u2'), ...sms });
    expect(await refusal({ to: users('u3'), ...sms })).toBe('sms_quota_exceeded');
    await mc.rows(`UPDATE sms_budget SET period = period - 1 WHERE period > '1970-01-01'`); // a day goes by
    await mc.accept({ to: users('u3'), ...sms });
    expect(await used()).toEqual({ total: 3, today: 1 });
  });

  it('takes nothing for channels other than SMS, nor for an app without a quota', async () => {
    await quota(0);
    await mc.accept({ to: users('u1'), ...only('mail') });
    await quota(null);
    await mc.accept({ to: users('u1'), ...sms });
    expect(await mc.rows('SELECT 1 FROM sms_budget WHERE used > 0')).toEqual([]);
  });

  it('is answered again under its idempotency key although the quota is used up', async () => {
    await quota(1);
    const sending: Sending = { to: users('u1'), ...sms, idempotency: { key: 'k', bodyHash: 'aa' } };
    const id = await mc.accept(sending);
    expect(await mc.accept(sending)).toBe(id);
    expect(await refusal({ ...sending, idempotency: { key: 'k', bodyHash: 'bb' } })).toBe('idempotency_conflict');
    expect(await used()).toMatchObject({ total: 1 });
  });

  it('takes once where the same call arrives twice at the same time', async () => {
    await quota(5);
    const sending: Sending = { to: users('u1'), ...sms, idempotency: { key: 'k', bodyHash: 'aa' } };
    const ids = await Promise.all([mc.accept(sending), mc.accept(sending)]);
    expect(new Set(ids).size).toBe(1);
    expect(await used()).toMatchObject({ total: 1 });
    await quota(1);
    const over: Sending = { ...sending, idempotency: { key: 'other', bodyHash: 'aa' } };
    expect(await Promise.all([refusal(over), refusal(over)])).toEqual(['sms_quota_exceeded', 'sms_quota_exceeded']);
  });

  it('takes nothing where it turns out to be unreachable', async () => {
    await quota(5);
    await mc.rows(`DELETE FROM recipient_address WHERE user_id = 'u9' AND channel = 'mail'`);
    expect(await refusal({ to: { ...users('u9'), addresses: [number(1)] }, ...only('mail'), mustReach: true })).toBe(
      'no_address',
    );
    await mc.addUser('u9', { mail: 'u9@example.com' });
    expect(await used()).toEqual({ total: 0, today: 0 });
  });
});

describe('many at once', () => {
  it('get exactly what the quota holds: 200 sends on 100 segments', async () => {
    await quota(100);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => refusal({ to: { addresses: [number(n)] }, ...sms })),
    );
    expect(answers.filter((answer) => answer === 'sms_quota_exceeded')).toHaveLength(100);
    expect(await mc.rows('SELECT 1 FROM message')).toHaveLength(100);
    expect(await used()).toEqual({ total: 100, today: 100 });
  });

  it('get exactly what the quota holds over several gateways', async () => {
    await quota(100);
    const others = [mc, await coreSteps({}, mc.databaseUrl), await coreSteps({}, mc.databaseUrl)];
    try {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          others[n % others.length]
            ?.accept({ to: { addresses: [number(n)] }, ...sms })
            .then(() => 'accepted')
            .catch((error: { code: string }) => error.code),
        ),
      );
      expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(100);
      expect(answers.filter((answer) => answer === 'sms_quota_exceeded')).toHaveLength(100);
      expect(await used()).toEqual({ total: 100, today: 100 });
    } finally {
      for (const other of others.slice(1)) await other.close();
    }
  });

  it('keep no message without SMS from being accepted', async () => {
    await quota(1);
    const answers = await Promise.all([
      refusal({ to: users('u1', 'u2'), ...sms }),
      mc.accept({ to: users('u1'), ...only('mail') }),
      mc.accept({ to: users('u3'), ...sms }),
    ]);
    expect(answers[0]).toBe('sms_quota_exceeded');
    expect(await mc.rows('SELECT 1 FROM message')).toHaveLength(2);
  });
});

describe('an SMS that nobody could foresee', () => {
  it('is counted when it is sent, once, however often it is tried', async () => {
    await quota(5);
    mc.provider.on('mail', { class: 'bad_content' });
    mc.provider.on('sms', { class: 'retry' });
    await mc.rows(`INSERT INTO channel_config (channel, priority) VALUES ('mail', 1), ('sms', 2)`);
    await mc.refresh();
    const id = await mc.send({ to: users('u1'), channels: { mode: 'any' }, ...text(2) });
    expect(await used()).toBeUndefined();
    await mc.work('mail');
    await mc.work('sms');
    expect(await used()).toEqual({ total: 2, today: 2 });
    await mc.makeDue(id);
    await mc.work('sms');
    expect(await used()).toEqual({ total: 2, today: 2 });
    expect(await segmentsOf(id)).toEqual([null, 2]);
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
  });

  it('fails where the quota is used up, in the order of the batch, and is not sent', async () => {
    await quota(2);
    await mc.rows(`INSERT INTO tag (app_id, name) VALUES ('app', 'staff')`);
    await mc.rows(
      `INSERT INTO tag_member (tag_id, user_id, added_at) SELECT id, u, now() - interval '1 day' FROM tag, unnest('{u1,u2,u3}'::text[]) u WHERE name = 'staff'`,
    );
    const id = await mc.accept({ to: { tags: ['staff'] }, ...sms });
    await mc.fanOut(id);
    const isHandedOver = (rows: { is_out: boolean }[]): boolean => rows.some((row) => row.is_out);
    await mc.until(
      'handed over',
      () => mc.rows<{ is_out: boolean }>('SELECT due_at > now() AS is_out FROM work'),
      isHandedOver,
    );
    await mc.makeDue(id);
    await mc.work('sms');
    const deliveries = await mc.deliveries(id);
    expect(deliveries.map((row) => [row.status, row.error_code])).toEqual([
      [20, null],
      [20, null],
      [31, 'sms_quota_exhausted'],
    ]);
    expect(mc.provider.sent).toHaveLength(2);
    expect(await segmentsOf(id)).toEqual([1, 1, null]);
    expect(await used()).toMatchObject({ total: 2 });
    await mc.rows('DELETE FROM tag_member');
    await mc.rows('DELETE FROM tag');
  });

  it('gives the next channel its turn where the quota is used up', async () => {
    await quota(0);
    await mc.rows(`INSERT INTO channel_config (channel, priority) VALUES ('sms', 1), ('mail', 2)`);
    await mc.refresh();
    const id = await mc.send({ to: users('u1'), channels: { mode: 'any' } });
    await mc.work('sms');
    await mc.work('mail');
    expect((await mc.deliveries(id)).map((row) => [row.channel, row.status])).toEqual([
      ['sms', 31],
      ['mail', 20],
    ]);
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
  });

  it('takes exactly what is left where several workers are at it', async () => {
    const accepted = await Promise.all(
      Array.from({ length: 4 }, () =>
        mc.accept({ to: { addresses: Array.from({ length: 25 }, (_, n) => number(n)) }, ...sms }),
      ),
    );
    await quota(50, null);
    await mc.fanOut(...accepted);
    const rows = await mc.rows<{ message_id: string; seq: number }>('SELECT message_id, seq FROM delivery');
    const taken = await Promise.all(
      Array.from({ length: 10 }, (_, part) =>
        mc
          .get(SmsBudgetRepository)
          .take(
            rows
              .filter((__, n) => n % 10 === part)
              .map((row) => ({ messageId: row.message_id, seq: row.seq, appId: 'app', segments: 1 })),
          ),
      ),
    );
    expect(taken.flat()).toHaveLength(50);
    expect(await used()).toMatchObject({ total: 50 });
  });
});

describe('what was taken and is not used', () => {
  async function end(id: string, status: SettledOutcome['status'], seqs: readonly number[]): Promise<void> {
    await mc.get(Database).transaction(async (tx) => {
      const outcomes = seqs.map((seq) => ({ messageId: id, seq, status, isOpen: false, isReported: true }));
      await mc.get(SettleRepository).settle(tx, outcomes);
    });
    await mc.rows(
      `UPDATE work SET seqs = ARRAY(SELECT s FROM unnest(seqs) s WHERE s <> ALL($2::int[])) WHERE message_id = $1`,
      [id, seqs],
    );
    await mc.rows(`DELETE FROM work WHERE kind = 'deliver' AND seqs = '{}'`);
  }

  it('comes back when the provider refuses, when it expires and when it is cancelled', async () => {
    await quota(10);
    mc.provider.on('sms', { class: 'bad_content' });
    await mc.send({ to: { addresses: [number(1)] }, ...sms });
    await mc.work('sms');
    expect(await used()).toEqual({ total: 0, today: 0 });
    mc.provider.on('sms', { class: 'retry' });
    const expired = await mc.send({ to: { addresses: [number(2)] }, ...sms });
    await mc.work('sms');
    expect(await used()).toEqual({ total: 1, today: 1 });
    await mc.rows(`UPDATE work SET expires_at = now() - interval '1 second' WHERE message_id = $1`, [expired]);
    await mc.dueWork();
    expect(await used()).toEqual({ total: 0, today: 0 });
    const cancelled = await mc.send({ to: { addresses: [number(3), number(4)] }, ...sms });
    expect(await used()).toEqual({ total: 2, today: 2 });
    await mc.cancel(cancelled);
    await mc.dueWork();
    expect(await used()).toEqual({ total: 0, today: 0 });
  });

  it('comes back when a receipt says later that it failed', async () => {
    await quota(10);
    mc.provider.on('sms', { class: 'ok', providerRef: 'ref-1' });
    const id = await mc.send({ to: { addresses: [number(1)] }, ...sms });
    await mc.work('sms');
    expect(await used()).toMatchObject({ total: 1 });
    await mc.receipt('sms', 'ref-1', 'failed');
    expect(await used()).toEqual({ total: 0, today: 0 });
    expect(await mc.deliveries(id)).toMatchObject([{ status: 31 }]);
  });

  it.each(['failed', 'expired', 'cancelled', 'suppressed', 'skipped'] as const)(
    'comes back when it ends %s',
    async (status) => {
      await quota(10);
      const id = await mc.send({ to: users('u1', 'u2'), ...sms, ...text(2) });
      await end(id, status, [0]);
      expect(await used()).toEqual({ total: 2, today: 2 });
      expect(await segmentsOf(id)).toEqual([null, 2]);
    },
  );

  it.each(['sent', 'delivered', 'unknown'] as const)('stays when it ends %s', async (status) => {
    await quota(10);
    const id = await mc.send({ to: users('u1'), ...sms });
    await end(id, status, [0]);
    expect(await used()).toEqual({ total: 1, today: 1 });
  });

  it('comes back once, and to the day on which it was taken', async () => {
    await quota(10);
    const id = await mc.send({ to: users('u1', 'u2'), ...sms });
    await mc.rows(`UPDATE sms_budget SET period = period - 1 WHERE period > '1970-01-01'`);
    await mc.rows(`UPDATE delivery SET segments_day = segments_day - 1 WHERE message_id = $1`, [id]);
    await mc.accept({ to: users('u3'), ...sms });
    await end(id, 'failed', [0]);
    await mc.get(Database).transaction((tx) => mc.get(SmsBudgetRepository).refund(tx, [{ message_id: id, seq: 0 }]));
    expect(await used()).toEqual({ total: 2, today: 1 });
    expect(await mc.row(`SELECT used FROM sms_budget WHERE period > '1970-01-01' ORDER BY period LIMIT 1`)).toEqual({
      used: 1,
    });
    await end(id, 'failed', [16]);
  });

  it('comes back at the fan-out for people who get no SMS after all', async () => {
    await quota(10);
    const id = await mc.accept({ to: { ...users('u1', 'u2', 'u3'), addresses: [number(1)] }, ...only('sms', 'mail') });
    expect(await used()).toMatchObject({ total: 4 });
    await mc.rows(`UPDATE recipient_address SET suspended_at = now() WHERE user_id = 'u1' AND channel = 'sms'`);
    await mc.rows(`INSERT INTO opt_out (user_id, kind, value) VALUES ('u2', 'channel', 'sms')`);
    await mc.fanOut(id);
    expect(await used()).toEqual({ total: 2, today: 2 });
    const rows = await mc.rows(
      `SELECT recipient, segments FROM delivery WHERE message_id = $1 AND channel = 'sms' ORDER BY seq`,
      [id],
    );
    expect(rows).toEqual([
      { recipient: 'u1', segments: null },
      { recipient: 'u2', segments: null },
      { recipient: 'u3', segments: 1 },
      { recipient: '', segments: 1 },
    ]);
    await mc.rows(`UPDATE recipient_address SET suspended_at = NULL`);
  });

  it('comes back where mode "all" passes SMS over', async () => {
    await quota(10);
    const id = await mc.accept({ to: users('u1', 'u2'), channels: { mode: 'all' } });
    expect(await used()).toMatchObject({ total: 2 });
    await mc.rows(`UPDATE recipient_address SET suspended_at = now() WHERE user_id = 'u1' AND channel = 'sms'`);
    await mc.fanOut(id);
    expect(await used()).toMatchObject({ total: 1 });
    await mc.rows(`UPDATE recipient_address SET suspended_at = NULL`);
  });

  it('comes back when the message is cancelled before its time, or has expired at its fan-out', async () => {
    await quota(10);
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const cancelled = await mc.accept({ to: { ...users('u1'), addresses: [number(1)] }, ...sms, sendAt });
    expect(await used()).toMatchObject({ total: 2 });
    expect(await mc.cancel(cancelled)).toBe('cancelled');
    expect(await used()).toEqual({ total: 0, today: 0 });
    const expired = await mc.accept({ to: users('u1', 'u2'), ...sms });
    await mc.rows(`UPDATE message SET expires_at = now() - interval '1 second' WHERE id = $1`, [expired]);
    await mc.fanOut(expired);
    expect(await used()).toEqual({ total: 0, today: 0 });
  });

  it('comes back for the part of a large audience that was not fanned out when it was cancelled', async () => {
    await quota(20_000);
    const addresses = Array.from({ length: 6000 }, (_, n) => number(n));
    const id = await mc.accept({ to: { ...users('u1'), addresses }, ...sms });
    expect(await used()).toMatchObject({ total: 6001 });
    await mc.get(FanOutRepository).fanOutChunk(id); // the users
    await mc.get(FanOutRepository).fanOutChunk(id); // 5000 numbers
    await mc.cancel(id);
    await mc.fanOut(id);
    expect(await used()).toMatchObject({ total: 5001 });
    const [row] = await mc.rows('SELECT sum(segments)::int AS held FROM delivery');
    expect(row).toEqual({ held: 5001 });
  });
});

describe('the alarm', () => {
  const standing = async (): Promise<string[]> =>
    (await mc.rows<{ subject: string }>('SELECT subject FROM alarm WHERE cleared_at IS NULL ORDER BY id')).map(
      (row) => row.subject,
    );

  it('is raised at 80 % and at 100 %, and cleared when segments come back or the quota grows', async () => {
    await quota(null, 5);
    await mc.accept({ to: users('u1', 'u2', 'u3'), ...sms });
    expect(await standing()).toEqual([]);
    const id = await mc.send({ to: users('u4'), ...sms });
    expect(await standing()).toEqual(['app:day:80%']);
    await mc.accept({ to: users('u5'), ...sms });
    expect(await standing()).toEqual(['app:day:80%', 'app:day:100%']);
    await mc.get(Database).transaction(async (tx) => {
      await mc
        .get(SettleRepository)
        .settle(tx, [{ messageId: id, seq: 0, status: 'failed', isOpen: false, isReported: true }]);
    });
    expect(await standing()).toEqual(['app:day:80%']);
    await quota(null, 50);
    await mc.get(Database).transaction((tx) => mc.get(SmsBudgetRepository).review(tx, 'app'));
    expect(await standing()).toEqual([]);
    await mc.rows('DELETE FROM work WHERE message_id = $1', [id]);
  });

  it('of a day ends with the first SMS of the next', async () => {
    await quota(null, 1);
    await mc.accept({ to: users('u1'), ...sms });
    expect(await standing()).toEqual(['app:day:80%', 'app:day:100%']);
    await mc.rows(`UPDATE sms_budget SET period = period - 1 WHERE period > '1970-01-01'`);
    await quota(null, 10);
    await mc.accept({ to: users('u1'), ...sms });
    expect(await standing()).toEqual([]);
  });
});
