import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AcknowledgeRepository, TodoRepository } from '#entities';
import { DeliverWorkService } from '../../../apps/channel-worker/src/delivery/deliver-work.service.js';
import { coreSteps, handedOver, only, type CoreSteps, type Sending } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  for (let n = 0; n < 8; n++) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
});
afterEach(() => mc.provider.reset());
afterAll(() => mc.close());

const ROUNDS = 30;
const everybody: Sending = {
  to: { users: Array.from({ length: 8 }, (_, n) => ({ id: `u${n}` })) },
  kind: 'todo',
  content: { title: 'Report', text: 'Hand it in.' },
  statusCallback: 'http://127.0.0.1:9/hook',
};
const todos = (): TodoRepository => mc.get(TodoRepository);
const closeAll = async (id: string): Promise<unknown> => todos().setAll(id, 'app', 'done');
/** One after the other, as eight people would. */
const closeOne = async (id: string, n: number): Promise<unknown> => {
  const { seq } = await mc.row<{ seq: number }>(
    `SELECT seq FROM delivery WHERE message_id = $1 AND recipient = $2 AND channel = 'portal'`,
    [id, `u${n}`],
  );
  return todos().setOne({ messageId: id, seq }, 'done');
};
const read = (id: string, n: number): Promise<unknown> =>
  mc.get(AcknowledgeRepository).readMessage(id, `u${n}`, new Date().toISOString());

/** What is due goes out, in batches of one, some of it failing in ways that are tried again or elsewhere. */
async function work(id: string): Promise<void> {
  await mc.makeDue(id);
  const channels = ['sms', 'mail'] as const;
  const due = await Promise.all(channels.map((channel) => handedOver(mc, channel)));
  await Promise.all(
    channels.map((channel, at) => (due[at]?.length ? mc.get(DeliverWorkService).deliver(channel, due[at]) : undefined)),
  );
}

/** Nothing is under way any more, everything is counted, who is not reached was not called, and each closing was told once. */
async function expectConsistent(ids: readonly string[]): Promise<void> {
  for (let pass = 0; pass < 6; pass++) {
    for (const id of ids) await mc.backdate(id, 1);
    await mc.work();
    await mc.dueWork();
  }
  await mc.fold();
  expect(await mc.violations({ atRest: true })).toEqual([]);
  const lost = await mc.rows(
    `SELECT d.message_id, d.seq, d.status, d.attempts FROM delivery d WHERE d.channel <> 'portal' AND d.status = 62
        AND EXISTS (SELECT FROM delivery_attempt a WHERE a.message_id = d.message_id AND a.seq = d.seq AND a.outcome = 'ok')`,
  );
  expect(lost).toEqual([]);
  const closed = await mc.rows(
    `SELECT message_id AS id, recipient AS uid, 1 AS times FROM delivery WHERE inbox_state = 3 ORDER BY 1, 2`,
  );
  const told = await mc.rows(
    `SELECT message_id AS id, e->>'uid' AS uid, count(*)::int AS times FROM callback CROSS JOIN jsonb_array_elements(items) AS e
      WHERE type = 'todo.status' GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  expect(told).toEqual(closed);
  const calls = mc.provider.sent.length;
  const { counted } = await mc.row<{ counted: number }>('SELECT count(*)::int AS counted FROM delivery_attempt');
  expect(counted).toBe(calls);
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, callback, open_todo, todo_card',
    ),
  );
}

describe('a to-do that is closed while it is sent', () => {
  it.each<[string, Partial<Sending>]>([
    ['each channel by itself', only('sms', 'mail')],
    ['one channel after the other', { channels: { mode: 'any' } }],
  ])('is sent or skipped, never both, and counted once: %s', async (_, sending) => {
    mc.provider.maxBatch = 1;
    let calls = 0;
    mc.provider.on('sms', () => {
      calls++;
      if (calls % 3 === 0) return { class: 'bad_content' };
      return calls % 3 === 1 ? { class: 'retry' } : { class: 'ok' };
    });
    const ids: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const id = await mc.send({ ...everybody, ...sending });
      ids.push(id);
      const close = round % 2 === 0 ? [closeAll(id)] : Array.from({ length: 8 }, (__, n) => closeOne(id, n));
      await Promise.all([work(id), ...close, read(id, round % 8)]);
      expect(await todos().setAll(id, 'app', 'done')).toMatchObject({
        receivers: 8,
        changed: 0,
      });
      const before = mc.provider.sent.length;
      await work(id);
      expect(mc.provider.sent).toHaveLength(before);
    }
    await expectConsistent(ids);
  });

  it('by everybody, the app and a cancelling at once ends closed or withdrawn, whoever comes first', async () => {
    const ids: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const id = await mc.send({ ...everybody, ...only('sms', 'mail') });
      ids.push(id);
      await Promise.all([
        closeAll(id),
        ...Array.from({ length: 8 }, (_, n) => closeOne(id, n)),
        mc.cancel(id),
        work(id),
        read(id, round % 8),
      ]);
    }
    await expectConsistent(ids);
  });

  it('while its receivers are found is refused until everybody has it', async () => {
    const ids: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const id = await mc.accept({ ...everybody, ...only('sms') });
      ids.push(id);
      const [result] = await Promise.all([todos().setAll(id, 'app', 'done'), mc.fanOut(id)]);
      if (result.kind === 'set') expect(result.receivers).toBe(8);
      else expect(result.kind).toBe('dispatching');
    }
    await expectConsistent(ids);
  });
});

describe('a to-do that is opened again while an equal one is sent', () => {
  const equal: Sending = { ...everybody, ...only('portal'), openTodo: { digest: 'cd'.repeat(32) } };
  const isOpenNow = (): Promise<{ id: string; uid: string }[]> =>
    mc.rows(`SELECT message_id AS id, recipient AS uid FROM delivery WHERE inbox_state = 4 ORDER BY 2, 1`);

  it('is open once for everybody, whoever comes first, and its place is held by the one that is open', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const done = [await mc.send(equal)];
      await closeAll(done[0] ?? '');
      done.push(await mc.send({ ...equal, to: { users: everybody.to.users?.toReversed() ?? [] } }));
      await closeAll(done[1] ?? '');
      const [first = '', second = ''] = done;
      const sent = await Promise.all([
        mc.accept(equal).catch(() => null),
        mc.accept(equal).catch(() => null),
        todos()
          .setAll(first, 'app', 'open')
          .then(() => null),
        todos()
          .setAll(second, 'app', 'open')
          .then(() => null),
        ...[0, 7].map((n) => reopenOne(second, n)),
      ]);
      for (const id of sent) if (id !== null) await mc.fanOut(id);
      const open = await isOpenNow();
      expect(open.map(({ uid }) => uid)).toEqual(Array.from({ length: 8 }, (_, n) => `u${n}`));
      expect(await mc.rows('SELECT message_id AS id, user_id AS uid FROM open_todo ORDER BY 2')).toEqual(open);
      expect(await mc.accept(equal).catch((error: { code: string }) => error.code)).toBe('todo_duplicate');
      for (const id of [first, second, ...sent]) if (id !== null) await closeAll(id);
      expect(await mc.rows('SELECT FROM open_todo')).toEqual([]);
    }
  });
});

async function reopenOne(id: string, n: number): Promise<null> {
  const { seq } = await mc.row<{ seq: number }>(
    `SELECT seq FROM delivery WHERE message_id = $1 AND recipient = $2 AND channel = 'portal'`,
    [id, `u${n}`],
  );
  await todos()
    .setOne({ messageId: id, seq }, 'open')
    .catch((error: { kind: string }) => expect(error.kind).toBe('conflict'));
  return null;
}
