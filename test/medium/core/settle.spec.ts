import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DELIVERY_STATUS, DELIVERY_STATUSES, rankOf, type DeliveryStatus } from '#contracts';
import { AcknowledgeRepository, SettleRepository, newMessageId, type SettledOutcome } from '#entities';
import type { Outcome } from '#providers';
import { coreSteps, type CoreSteps } from '../../support/core-steps.js';
import { seeded } from '../../support/seeded.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  for (const n of [1, 2, 3, 4, 5, 6]) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
});
afterAll(() => mc.close());

const settle = (outcomes: readonly SettledOutcome[]): Promise<unknown> =>
  mc.database.transaction((tx) => mc.get(SettleRepository).settle(tx, outcomes));
const outcome = (messageId: string, seq: number, status: DeliveryStatus): SettledOutcome => ({
  messageId,
  seq,
  status,
  isOpen: status === 'retrying' || status === 'sending',
  isReported: true,
});

/** What may follow what, written down independently of the statement: rank decides, and these are the exceptions. */
function mayFollow(from: DeliveryStatus, to: DeliveryStatus): boolean {
  const hasGoneOut = rankOf(from) >= 2;
  if (['expired', 'cancelled', 'suppressed', 'skipped', 'retrying'].includes(to)) return !hasGoneOut;
  return rankOf(to) > rankOf(from);
}

describe('the rank table', () => {
  it.each(DELIVERY_STATUSES.flatMap((from) => DELIVERY_STATUSES.map((to) => [from, to] as const)))(
    '%s then %s',
    async (from, to) => {
      const id = newMessageId(Date.now());
      await mc.rows(
        `WITH m AS (INSERT INTO message (id, client_app_id, door, kind, priority, audience, plan, accepted_at)
                  VALUES ($1, 'app', 'native', 'notice', 1, '{}', '{"mode":"list","steps":[]}', now()))
       INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref)
       VALUES ($1, 0, $2, $3, 'sms', 'u1', 'x', gen_random_uuid())`,
        [id, DELIVERY_STATUS[from], rankOf(from) < 2],
      );
      await settle([outcome(id, 0, to)]);
      const moves = mayFollow(from, to);
      const { status } = await mc.row<{ status: number }>('SELECT status FROM delivery WHERE message_id = $1', [id]);
      expect(status).toBe(DELIVERY_STATUS[moves ? to : from]);
      const settlements = await mc.rows('SELECT from_status, to_status, count FROM settlement WHERE message_id = $1', [
        id,
      ]);
      expect(settlements).toEqual(
        moves && rankOf(to) >= 2
          ? [{ from_status: DELIVERY_STATUS[from], to_status: DELIVERY_STATUS[to], count: 1 }]
          : [],
      );
      await mc.rows('DELETE FROM settlement');
    },
  );
});

describe('words in any order', () => {
  it('end at the same status, and never fall on the way', async () => {
    await mc.rows(emptying('message, message_state, delivery, dead_letter'));
    const words: DeliveryStatus[] = ['retrying', 'sent', 'failed', 'delivered', 'read', 'sent', 'delivered'];
    for (let seed = 1; seed <= 25; seed++) {
      const id = await mc.send({ to: { users: [{ id: 'u1' }] }, channels: { mode: 'list', list: ['sms'] } });
      let rank = 0;
      for (const word of seeded(seed).shuffle(words)) {
        await settle([outcome(id, 0, word)]);
        const { status } = await mc.row<{ status: number }>('SELECT status FROM delivery WHERE message_id = $1', [id]);
        expect(Math.floor(status / 10)).toBeGreaterThanOrEqual(rank);
        rank = Math.floor(status / 10);
      }
      expect(rank).toBe(rankOf('read'));
      await mc.fold();
      expect(await mc.state(id)).toMatchObject({
        sent: 0,
        failed: 0,
        delivered: 0,
        read: 1,
        ended: 1,
        status: 'completed',
      });
    }
  });

  it('from many sides at once are counted once', async () => {
    const id = await mc.send({ to: { users: [{ id: 'u1' }] }, channels: { mode: 'list', list: ['sms'] } });
    const words: DeliveryStatus[] = ['sent', 'failed', 'delivered', 'read', 'expired', 'cancelled'];
    await Promise.all(
      Array.from({ length: 24 }, (_, i) => settle([outcome(id, 0, words[i % words.length] ?? 'sent')])),
    );
    await mc.fold();
    expect(
      (await mc.violations()).filter((violation) => violation.messageId === id && violation.invariant !== 'I3'),
    ).toEqual([]);
    expect(await mc.state(id)).toMatchObject({ ended: 1, status: 'completed' });
  });
});

describe('after any sequence of events', () => {
  it.each([11, 12, 13, 14])('the counters equal the rows, and everything comes to an end (seed %i)', async (seed) => {
    await mc.rows(
      emptying(
        'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, opt_out, account_health',
      ),
    );
    await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
    await mc.rows(
      `INSERT INTO setting VALUES ('smart', '{"order":["sms","mail","portal"],"portalAtOnce":true}') ON CONFLICT DO NOTHING`,
    );
    await mc.rows(
      `INSERT INTO channel_config (channel, smart_success_when, smart_within_s) VALUES ('sms', 'delivered', 60), ('mail', 'read', 60) ON CONFLICT DO NOTHING`,
    );
    await mc.refresh();
    const random = seeded(seed);
    const outcomes: Outcome[] = [
      { class: 'ok' },
      { class: 'ok', proves: 'delivered' },
      { class: 'retry' },
      { class: 'bad_recipient', code: 'gone' },
      { class: 'rate_limited', retryAfterMs: 5 },
      { class: 'unknown_outcome' },
      { class: 'bad_config' },
    ];
    mc.provider.isIdempotent = seed % 2 === 0;
    for (const channel of ['sms', 'mail'] as const) {
      mc.provider.on(channel, ({ ref }) => ({ ...random.pick(outcomes), providerRef: ref }));
    }
    const ids: string[] = [];
    const events: (() => Promise<unknown>)[] = [
      async () => {
        const users = random.shuffle(['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'nobody']).slice(0, 1 + random.int(6));
        const channels = random.pick([
          { mode: 'any' },
          { mode: 'all' },
          { mode: 'smart' },
          { mode: 'list', list: ['sms', 'portal', 'mail'] },
        ] as const);
        const id = await mc.accept({
          to: {
            users: users.map((user) => ({ id: user })),
            addresses: [{ channel: 'mail', address: 'guest@example.com' }],
          },
          channels: channels.mode === 'list' ? { mode: 'list', list: [...channels.list] } : channels,
        });
        ids.push(id);
        if (random.int(3) > 0) await mc.fanOut(id);
      },
      () => mc.fanOut(random.pick(ids)),
      () => mc.work(),
      () => mc.work('sms'),
      () => mc.backdate(random.pick(ids), random.pick([0, 61])),
      () => mc.dueWork(),
      () => mc.fold(),
      () => mc.cancel(random.pick(ids)),
      () =>
        mc.receipt(
          random.pick(['sms', 'mail'] as const),
          mc.provider.sent.length > 0 ? random.pick(mc.provider.sent).ref : 'none',
          random.pick(['delivered', 'read', 'failed'] as const),
        ),
      () => mc.receipt('sms', mc.provider.sent.length > 0 ? random.pick(mc.provider.sent).ref : 'none', 'failed'),
      () =>
        mc
          .get(AcknowledgeRepository)
          .readMessage(random.pick(ids), random.pick(['u1', 'u2', 'u3']), new Date().toISOString()),
      () => mc.rows(`UPDATE work SET expires_at = now() WHERE id = (SELECT max(id) FROM work WHERE kind = 'deliver')`),
    ];
    await events[0]?.();
    for (let step = 0; step < 150; step++) {
      await random.pick(events)();
      if (step % 5 === 0) expect({ step, violations: await mc.violations() }).toEqual({ step, violations: [] });
    }
    mc.provider.reset();
    // The administrator has put every account right.
    await mc.rows(emptying('account_health'));
    await mc.refresh();
    const left = async (): Promise<boolean> => (await mc.rows('SELECT 1 FROM work')).length > 0;
    for (let round = 0; round < 30 && (await left()); round++) {
      await mc.rows('UPDATE work SET due_at = now()');
      await mc.fanOut(...ids);
      await mc.work();
      await mc.dueWork();
    }
    await mc.fold();
    expect(await mc.violations({ atRest: true })).toEqual([]);
  });
});
