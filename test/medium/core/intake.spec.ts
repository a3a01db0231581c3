import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DatabaseClock, MessageIntakeRepository, TagRepository, type InsertResult } from '#entities';
import { Metrics } from '#platform';
import { IntakeError } from '../../../apps/gateway/src/intake/intake-error.js';
import { coreSteps, only, type CoreSteps, type Sending } from '../../support/core-steps.js';
import { newMessage } from '../../support/new-message.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addApp('other');
  await mc.addApp('poor', { channels: ['mail'], features: [] });
  await mc.addApp('closed', { channels: [] });
  await mc.addUser('u1', { sms: '13800000001' });
  await mc.addTemplate('greeting', { portal: { text: 'Hi {{name}}' } });
  await mc.addTemplate('mail-only', { mail: { subject: 's', html: '<p>x</p>' } });
  await mc.rows(`INSERT INTO sensitive_word (word) VALUES ('forbidden-word')`);
  await mc.refresh();
});
beforeEach(async () => {
  await mc.rows(emptying('work, message, message_state, idempotency_key'));
});
afterAll(() => mc.close());

const toU1: Sending = { to: { users: [{ id: 'u1' }] } };
const hash = (body: string): string => createHash('sha256').update(body).digest('hex');
const keyed = (key: string, body = 'a body'): Sending => ({ ...toU1, idempotency: { key, bodyHash: hash(body) } });

/** Rows of every table of the schema, partitions apart. */
async function countAll(): Promise<Record<string, number>> {
  const tables = await mc.rows<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables)
    counts[name] = (await mc.row<{ n: number }>(`SELECT count(*)::int AS n FROM "${name}"`)).n;
  return counts;
}
const codeOf = (refusal: Promise<unknown>): Promise<string> =>
  refusal.then(
    () => 'accepted',
    (error: unknown) => (error instanceof IntakeError ? error.code : String(error)),
  );

describe('an accepted message', () => {
  it('is stored with its state and the work that will fan it out, even if nobody hears the doorbell', async () => {
    const id = await mc.accept(toU1);
    expect(await mc.row("SELECT client_app_id, door, plan->>'mode' AS mode FROM message WHERE id = $1", [id])).toEqual({
      client_app_id: 'app',
      door: 'native',
      mode: 'any',
    });
    expect(await mc.state(id)).toMatchObject({ status: 'accepted', expected: null, chains: 0 });
    const work = await mc.row<{ kind: string; due_s: number }>(
      `SELECT kind, extract(epoch FROM due_at - now())::float8 AS due_s FROM work WHERE message_id = $1`,
      [id],
    );
    expect(work.kind).toBe('fan_out');
    expect(work.due_s).toBeGreaterThan(0);
    expect(work.due_s).toBeLessThanOrEqual(3);
  });

  it('with a time in the future is scheduled, its work due at that time', async () => {
    const sendAt = new Date(Date.now() + 86_400_000).toISOString();
    const id = await mc.accept({ ...toU1, sendAt });
    expect(await mc.state(id)).toMatchObject({ status: 'scheduled' });
    expect(await mc.row(`SELECT due_at FROM work WHERE message_id = $1`, [id])).toEqual({ due_at: new Date(sendAt) });
  });

  it('shares its commit with everything that waits at that moment', async () => {
    const before = await mc.get(Metrics).batchSize.get();
    const countOf = (metric: typeof before): number =>
      metric.values.find((value) => value.metricName?.endsWith('_count') && value.labels.stage === 'intake')?.value ??
      0;
    const ids = await Promise.all(Array.from({ length: 300 }, () => mc.accept(toU1)));
    expect(new Set(ids).size).toBe(300);
    expect(await mc.row('SELECT count(*)::int AS n FROM message')).toEqual({ n: 300 });
    const commits = countOf(await mc.get(Metrics).batchSize.get()) - countOf(before);
    expect(commits).toBeGreaterThan(0);
    expect(commits).toBeLessThan(30);
  });
});

describe('a value that the database refuses', () => {
  it('fails alone: the others of its batch are stored', async () => {
    const batch = Array.from({ length: 50 }, () => newMessage());
    const hostile = [3, 4, 31, 49];
    hostile.forEach((i) => (batch[i] = newMessage({ content: { text: 'NUL \u0000 here' } })));
    const results = await mc.get(MessageIntakeRepository).insert(batch);
    results.forEach((result, i) => {
      if (hostile.includes(i)) expect(result).toBeInstanceOf(Error);
      else expect(result).toMatchObject({ kind: 'accepted', messageId: batch[i]?.id });
    });
    expect(
      await mc.row(
        'SELECT count(*)::int AS m, (SELECT count(*)::int FROM work) AS w, (SELECT count(*)::int FROM message_state) AS s FROM message',
      ),
    ).toEqual({ m: 46, w: 46, s: 46 });
  });

  it('is found by constraint errors, too', async () => {
    const good = newMessage();
    const twin = newMessage({ id: good.id });
    const results = await mc.get(MessageIntakeRepository).insert([good, newMessage(), twin]);
    expect(results.filter((result) => !(result instanceof Error))).not.toHaveLength(0);
    expect(await mc.row('SELECT count(*)::int AS n FROM message')).toEqual({ n: 2 });
  });
});

describe('an idempotency key', () => {
  it('answers the same message for the same body, and refuses another one', async () => {
    const id = await mc.accept(keyed('k1'));
    expect(await mc.accept(keyed('k1'))).toBe(id);
    expect(await codeOf(mc.accept(keyed('k1', 'another body')))).toBe('idempotency_conflict');
    expect(await mc.row('SELECT count(*)::int AS n FROM message')).toEqual({ n: 1 });
  });

  it('belongs to its app', async () => {
    const id = await mc.accept(keyed('k2'));
    expect(await mc.accept(keyed('k2'), 'other')).not.toBe(id);
  });

  it('makes one message of a hundred calls at once', async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, () => mc.accept(keyed('race'))));
    expect(new Set(ids).size).toBe(1);
    expect(await mc.row('SELECT count(*)::int AS m, (SELECT count(*)::int FROM work) AS w FROM message')).toEqual({
      m: 1,
      w: 1,
    });
  });

  it('makes one message of many batches at once, as of many gateways', async () => {
    const intake = mc.get(MessageIntakeRepository);
    const batches = Array.from({ length: 12 }, () =>
      Array.from({ length: 20 }, (_, i) =>
        newMessage({ idempotency: { key: `g${(i * 7) % 20}`, bodyHash: hash('x') } }),
      ),
    );
    const results = (await Promise.all(batches.map((batch) => intake.insert(batch)))).flat() as Extract<
      InsertResult,
      { kind: 'accepted' }
    >[];
    expect(results.every((result) => result.kind === 'accepted')).toBe(true);
    expect(new Set(results.map((result) => result.messageId)).size).toBe(20);
    expect(results.filter((result) => result.isNew)).toHaveLength(20);
    expect(await mc.row('SELECT count(*)::int AS n FROM message')).toEqual({ n: 20 });
  });

  it('tells a conflict from a repetition within one batch', async () => {
    const first = newMessage({ idempotency: { key: 'b', bodyHash: hash('1') } });
    const results = await mc
      .get(MessageIntakeRepository)
      .insert([
        first,
        newMessage({ idempotency: { key: 'b', bodyHash: hash('1') } }),
        newMessage({ idempotency: { key: 'b', bodyHash: hash('2') } }),
      ]);
    expect(results).toEqual([
      { kind: 'accepted', messageId: first.id, isNew: true, isScheduled: false },
      { kind: 'accepted', messageId: first.id, isNew: false, isScheduled: false },
      { kind: 'idempotency-conflict' },
    ]);
  });

  it('older than a day may be used again', async () => {
    const id = await mc.accept(keyed('old'));
    await mc.rows(`UPDATE idempotency_key SET created_at = now() - interval '24 hours 1 second'`);
    const again = await mc.accept(keyed('old', 'another body'));
    expect(again).not.toBe(id);
    expect(await mc.accept(keyed('old', 'another body'))).toBe(again);
  });

  it('repeats the answer of a scheduled message', async () => {
    const scheduled = { ...keyed('later'), sendAt: new Date(Date.now() + 60_000).toISOString() };
    expect(await mc.accept(scheduled)).toBe(await mc.accept(scheduled));
  });
});

describe('a repeated message is answered as the first one was', () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const toNew: Sending = { ...toU1, to: { users: [{ id: 'gone' }] } };
  /** What has changed until the message comes again, and what a new one is refused for then. */
  const cases: [string, string, Sending, () => Promise<unknown>][] = [
    [
      'its time is over',
      'time_refused',
      { ...toU1, expiresAt: soon },
      () => Promise.resolve(jest.spyOn(mc.get(DatabaseClock), 'nowMs').mockReturnValue(Date.parse(soon) + 1)),
    ],
    [
      'its tag is gone',
      'tag_unknown',
      { ...toU1, to: { tags: ['passing'] } },
      () => mc.get(TagRepository).remove('passing', 'passing'),
    ],
    [
      'its template is gone',
      'template_unknown',
      { ...toU1, template: { code: 'passing' } },
      () => mc.rows("UPDATE template SET deleted_at = now() WHERE code = 'passing'"),
    ],
    [
      'its word is forbidden',
      'sensitive_word',
      { ...toU1, content: { text: 'a word of yesterday' } },
      () => mc.rows("INSERT INTO sensitive_word (word) VALUES ('yesterday')"),
    ],
    [
      'its channel is closed to the app',
      'channel_closed',
      { ...toU1, ...only('sms') },
      () => mc.rows("UPDATE client_app SET channels = '{portal}' WHERE app_id = 'passing'"),
    ],
    [
      'its user is gone',
      'recipient_unknown',
      { ...toNew, mustReach: true },
      () => mc.rows("DELETE FROM recipient WHERE user_id = 'gone'"),
    ],
  ];
  beforeAll(async () => {
    await mc.addApp('passing');
    await mc.get(TagRepository).add('passing', 'passing', ['u1']);
    await mc.addTemplate('passing', { portal: { text: 'x' } });
    await mc.addUser('gone');
  });
  afterEach(() => void jest.restoreAllMocks());

  it.each(cases)('although %s: %s', async (_what, code, sending, change) => {
    const repeated = { ...sending, idempotency: { key: code, bodyHash: hash(code) } };
    const id = await mc.accept(repeated, 'passing');
    await change();
    await mc.refresh();
    expect(await codeOf(mc.accept(sending, 'passing'))).toBe(code);
    expect(await mc.accept(repeated, 'passing')).toBe(id);
    const changed = { ...sending, idempotency: { key: code, bodyHash: hash('another body') } };
    expect(await codeOf(mc.accept(changed, 'passing'))).toBe('idempotency_conflict');
    await mc.rows(`UPDATE idempotency_key SET created_at = now() - interval '24 hours 1 second'`);
    expect(await codeOf(mc.accept(repeated, 'passing'))).toBe(code);
    expect(await mc.row('SELECT count(*)::int AS n FROM message')).toEqual({ n: 1 });
  });
});

describe('a refused message leaves nothing behind', () => {
  const in181Days = new Date(Date.now() + 181 * 86_400_000).toISOString();
  const cases: [string, Sending, string?][] = [
    ['template_unknown', { ...toU1, template: { code: 'nothing' } }],
    ['channel_closed', { ...toU1, ...only('sms') }, 'poor'],
    ['channel_closed', toU1, 'closed'],
    ['smart_closed', { ...toU1, channels: { mode: 'smart' } }, 'poor'],
    ['tag_unknown', { to: { tags: ['nothing'] } }],
    ['org_unit_unknown', { to: { orgUnits: ['nothing'] } }],
    ['recipient_unknown', { to: { users: [{ id: 'nobody' }] }, mustReach: true }],
    ['no_address', { ...toU1, ...only('mail'), mustReach: true }],
    ['audience_empty', { to: {} }],
    ['audience_empty', { to: { users: [] } }],
    ['broadcast_closed', { to: { all: true } }, 'poor'],
    ['address_invalid', { to: { addresses: [{ channel: 'mail', address: 'a@b.example\r\nBcc: c@d.example' }] } }],
    ['text_invalid', { ...toU1, content: { text: 'NUL \u0000' } }],
    ['text_invalid', { ...toU1, content: { text: 'half \ud83d a face' } }],
    ['text_invalid', { ...toU1, params: { ['key\u0000']: 'x' } }],
    ['text_invalid', { ...toU1, content: { html: '<div>'.repeat(20_001) } }],
    ['text_invalid', { to: { users: [{ id: 'line\nbreak' }] } }],
    ['sensitive_word', { ...toU1, content: { text: 'this is forbidden-word here' } }],
    ['param_missing', { ...toU1, template: { code: 'greeting' } }],
    ['callback_refused', { ...toU1, statusCallback: 'http://169.254.169.254/latest' }],
    ['callback_refused', { ...toU1, statusCallback: 'ftp://example.com/' }],
    ['time_refused', { ...toU1, sendAt: in181Days }],
    ['time_refused', { ...toU1, expiresAt: new Date(Date.now() - 1000).toISOString() }],
    [
      'time_refused',
      {
        ...toU1,
        sendAt: new Date(Date.now() + 7_200_000).toISOString(),
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      },
    ],
    ['content_missing', { ...toU1, ...only('sms'), template: { code: 'mail-only' } }],
  ];

  it.each(cases.map(([code, sending, app = 'app']) => [code, sending, app] as const))(
    '%s',
    async (code, sending, app) => {
      const before = await countAll();
      expect(await codeOf(mc.accept(sending, app))).toBe(code);
      expect(await countAll()).toEqual(before);
    },
  );

  it('whatever the word hides in: a param, a template, the seam between them', async () => {
    await mc.addTemplate('seam', { portal: { text: 'this is forbidden-{{rest}}' } });
    expect(await codeOf(mc.accept({ ...toU1, template: { code: 'seam' }, params: { rest: 'word' } }))).toBe(
      'sensitive_word',
    );
    expect(
      await codeOf(mc.accept({ ...toU1, template: { code: 'greeting' }, params: { name: 'forbidden-word' } })),
    ).toBe('sensitive_word');
    expect(
      await codeOf(
        mc.accept({
          to: { users: [{ id: 'u1', params: { name: 'forbidden-word' } }] },
          template: { code: 'greeting' },
        }),
      ),
    ).toBe('sensitive_word');
  });
});

describe('what a message may ask', () => {
  it('a missing param of one person may come from the person', async () => {
    const sending: Sending = { to: { users: [{ id: 'u1', params: { name: 'Ann' } }] }, template: { code: 'greeting' } };
    expect(await codeOf(mc.accept(sending))).toBe('accepted');
    await mc.get(TagRepository).add('app', 'friends', ['u1']);
    expect(await codeOf(mc.accept({ ...sending, to: { ...sending.to, tags: ['friends'] } }))).toBe('param_missing');
  });

  it('a channel switched off is refused by name and skipped by any', async () => {
    await mc.rows(`INSERT INTO channel_config (channel, enabled) VALUES ('sms', false)`);
    await mc.refresh();
    expect(await codeOf(mc.accept({ ...toU1, ...only('sms') }))).toBe('channel_off');
    const id = await mc.accept(toU1);
    const { plan } = await mc.row<{ plan: { steps: { channel: string }[] } }>(
      'SELECT plan FROM message WHERE id = $1',
      [id],
    );
    expect(plan.steps.map((step) => step.channel)).not.toContain('sms');
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
  });
});
