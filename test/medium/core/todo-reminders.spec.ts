import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ReminderRepository, TodoRepository } from '#entities';
import { coreSteps, only, type CoreSteps, type Sending } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  for (const n of [1, 2, 3]) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, callback, open_todo, todo_card',
    ),
  );
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const HOUR_S = 3600;
const todo: Sending = {
  to: { users: [{ id: 'u1' }, { id: 'u2', params: { what: 'the second report' } }, { id: 'u3' }] },
  kind: 'todo',
  content: { title: 'Report', text: 'Hand it in.' },
  remindEveryS: HOUR_S,
  ...only('mail'),
};
const remindersOf = async (id: string): Promise<string[]> =>
  (await mc.rows<{ id: string }>('SELECT id FROM message WHERE reminder_of = $1 ORDER BY id', [id])).map(
    (row) => row.id,
  );
/** The time of the next reminder has come, `hoursAgo` ago. */
const pass = (id: string, hoursAgo = 0): Promise<unknown> =>
  mc.rows(`UPDATE work SET due_at = now() - make_interval(hours => $2) WHERE message_id = $1 AND kind = 'remind'`, [
    id,
    hoursAgo,
  ]);
/** The dispatcher looks once. Answers the reminder that came of it. */
async function remind(id: string): Promise<string | undefined> {
  const before = new Set(await remindersOf(id));
  await mc.get(ReminderRepository).send(100);
  const [reminder] = (await remindersOf(id)).filter((other) => !before.has(other));
  if (reminder) await mc.fanOut(reminder);
  return reminder;
}
/** A fan-out by chunks wakes the hand-over, which may take the work at this moment: asked until all of it went. */
async function work(id: string): Promise<void> {
  await mc.until(
    'the reminder is sent',
    async () => {
      await mc.makeDue(id);
      await mc.work('mail', 'sms');
      return mc.rows(`SELECT 1 FROM work WHERE message_id = $1 AND kind = 'deliver'`, [id]);
    },
    (left) => left.length === 0,
  );
}
const done = async (id: string, ...userIds: string[]): Promise<void> => {
  const rows = await mc.rows<{ seq: number }>(
    `SELECT seq FROM delivery WHERE message_id = $1 AND recipient = ANY($2) AND channel = 'portal'`,
    [id, userIds],
  );
  for (const { seq } of rows) await mc.get(TodoRepository).setOne({ messageId: id, seq }, 'done');
};
const waits = async (id: string): Promise<boolean> =>
  (await mc.rows(`SELECT 1 FROM work WHERE message_id = $1 AND kind = 'remind'`, [id])).length > 0;

describe('a reminder', () => {
  it('goes to those who have the to-do open, with their own words, beside the portal, and says what it is', async () => {
    await mc.addTemplate('report', { portal: { title: 'Report', text: 'Hand in {{what}}.' } });
    const { content: _, ...rest } = todo;
    const id = await mc.send({
      ...rest,
      template: { code: 'report' },
      params: { what: 'the report' },
      statusCallback: 'http://127.0.0.1:9/hook',
    });
    await mc.work();
    mc.provider.reset();
    await done(id, 'u1');
    expect(await remind(id)).toBeUndefined();
    await pass(id);
    const reminder = (await remind(id)) ?? '';
    await work(reminder);
    expect(mc.provider.sent.map(({ address, content }) => [address, content.title, content.text])).toEqual([
      ['u2@example.com', '提醒：Report', 'Hand in the second report.'],
      ['u3@example.com', '提醒：Report', 'Hand in the report.'],
    ]);
    expect((await mc.deliveries(reminder)).map(({ channel }) => channel)).toEqual(['mail', 'mail']);
    expect(
      await mc.row('SELECT kind, status_callback, reply, remind_every_s FROM message WHERE id = $1', [reminder]),
    ).toEqual({ kind: 'notice', status_callback: null, reply: false, remind_every_s: null });
    await mc.fold();
    expect(await mc.state(reminder)).toMatchObject({ status: 'completed', sent: 2 });
  });

  it('is sent once by ten dispatchers that look at the same time, and again an interval later', async () => {
    const id = await mc.send(todo);
    await pass(id);
    await Promise.all(Array.from({ length: 10 }, () => mc.get(ReminderRepository).send(100)));
    expect(await remindersOf(id)).toHaveLength(1);
    expect(await remind(id)).toBeUndefined();
    await pass(id);
    expect(await remind(id)).toBeDefined();
  });

  it('that nobody sent for hours is sent once, and keeps its rhythm', async () => {
    const id = await mc.send(todo);
    await pass(id, 5);
    expect(await remind(id)).toBeDefined();
    expect(await remind(id)).toBeUndefined();
    expect(
      await mc.row(
        `SELECT extract(epoch FROM due_at - now()) BETWEEN 3500 AND 3600 AS is_next FROM work WHERE message_id = $1 AND kind = 'remind'`,
        [id],
      ),
    ).toEqual({ is_next: true });
  });

  it('ends before the next one: nobody gets two at once after a pause of the provider', async () => {
    const id = await mc.send(todo);
    await pass(id);
    const reminder = await remind(id);
    expect(
      await mc.row("SELECT bool_and(expires_at <= now() + interval '1 hour') AS ends FROM work WHERE message_id = $1", [
        reminder,
      ]),
    ).toEqual({ ends: true });
  });

  it('that is under way does not reach who does it meanwhile', async () => {
    const id = await mc.send({ ...todo, ...only('mail', 'sms') });
    await mc.work();
    mc.provider.reset();
    await pass(id);
    const reminder = (await remind(id)) ?? '';
    await done(id, 'u1');
    mc.provider.maxBatch = 1;
    mc.provider.on('mail', async () => {
      await done(id, 'u3');
      return { class: 'ok' };
    });
    await work(reminder);
    expect(mc.provider.sent.map(({ address }) => address)).toEqual(['u2@example.com', '13800000002']);
    expect((await mc.deliveries(reminder)).map(({ recipient, status }) => `${recipient} ${status}`)).toEqual([
      'u1 62',
      'u1 62',
      'u2 20',
      'u2 20',
      'u3 62',
      'u3 62',
    ]);
  });

  it('counts in the SMS quota of its app when it is sent', async () => {
    await mc.rows(`UPDATE client_app SET sms_quota_total = 100 WHERE app_id = 'app'`);
    await mc.refresh();
    try {
      const id = await mc.send({ ...todo, ...only('sms') });
      await pass(id);
      const reminder = (await remind(id)) ?? '';
      const used = (): Promise<unknown> => mc.row(`SELECT max(used)::int AS used FROM sms_budget WHERE app_id = 'app'`);
      expect(await used()).toEqual({ used: 3 });
      await work(reminder);
      expect(await used()).toEqual({ used: 6 });
    } finally {
      await mc.rows('UPDATE client_app SET sms_quota_total = NULL');
      await mc.refresh();
    }
  });

  it('finds its people page by page', async () => {
    await mc.rows(
      `WITH r AS (INSERT INTO recipient (user_id) SELECT 'p' || lpad(g::text, 5, '0') FROM generate_series(1, 6000) g RETURNING user_id)
       INSERT INTO recipient_address (user_id, channel, address) SELECT user_id, 'mail', user_id || '@example.com' FROM r`,
    );
    const id = await mc.send({
      ...todo,
      to: { users: Array.from({ length: 6000 }, (_, i) => ({ id: `p${String(i + 1).padStart(5, '0')}` })) },
    });
    await done(id, 'p00001', 'p05500');
    await pass(id);
    const reminder = await remind(id);
    expect(
      await mc.row(
        'SELECT count(DISTINCT recipient)::int AS people, count(*)::int AS rows FROM delivery WHERE message_id = $1',
        [reminder],
      ),
    ).toEqual({ people: 5998, rows: 5998 });
  });
});

describe('reminders end', () => {
  it('when everybody has done it, and start anew when somebody opens it again', async () => {
    const id = await mc.send(todo);
    await done(id, 'u1', 'u2');
    expect(await waits(id)).toBe(true);
    await done(id, 'u3');
    expect(await waits(id)).toBe(false);
    await mc.get(TodoRepository).setAll(id, 'app', 'open');
    await pass(id);
    expect(await remind(id)).toBeDefined();
    await mc.get(TodoRepository).setAll(id, 'app', 'done');
  });

  it('when several open it again at once, with one reminder', async () => {
    const id = await mc.send(todo);
    await mc.get(TodoRepository).setAll(id, 'app', 'done');
    await Promise.all(
      [0, 1, 2].map((ordinal) => mc.get(TodoRepository).setOne({ messageId: id, seq: ordinal * 16 + 15 }, 'open')),
    );
    expect(await mc.rows(`SELECT 1 FROM work WHERE kind = 'remind'`)).toHaveLength(1);
  });

  it('when the to-do is cancelled, also for the reminder that is under way', async () => {
    const id = await mc.send(todo);
    await pass(id);
    const reminder = (await remind(id)) ?? '';
    await mc.cancel(id);
    await mc.dueWork();
    await work(reminder);
    expect(await waits(id)).toBe(false);
    expect(mc.provider.sent).toEqual([]);
    expect((await mc.deliveries(reminder)).map(({ status }) => status)).toEqual([62, 62, 62]);
  });

  it('when its time is over', async () => {
    const id = await mc.send({ ...todo, expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    await mc.rows(`UPDATE message SET expires_at = now() WHERE id = $1`, [id]);
    await pass(id);
    expect(await remind(id)).toBeUndefined();
    expect(await waits(id)).toBe(false);
  });
});

it('reminders need a channel beside the portal', async () => {
  await expect(mc.accept({ ...todo, ...only('portal') })).rejects.toMatchObject({
    code: 'reminder_refused',
    field: 'remindEvery',
  });
});
