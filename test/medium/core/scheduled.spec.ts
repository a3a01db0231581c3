import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FanOutRepository, WorkRepository, type DueWork } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, Metrics } from '#platform';
import { HandOverService } from '../../../apps/dispatcher/src/due-work/hand-over.service.js';
import { FanOutService } from '../../../apps/dispatcher/src/fan-out/fan-out.service.js';
import { LargeFanOuts } from '../../../apps/dispatcher/src/fan-out/large-fan-outs.service.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

const HOUR_MS = 3_600_000;
let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps({ DATABASE_POOL_SIZE: '20' });
  await mc.addApp('app');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await mc.dueWork();
  await mc.fold();
  const violations = await mc.violations({ atRest: true });
  mc.provider.reset();
  await mc.rows(
    emptying('work, message, message_state, delivery, delivery_attempt, settlement, provider_ref, dead_letter'),
  );
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const number = (n: number): string => `138${String(n).padStart(8, '0')}`;
const inAnHour = (): string => new Date(Date.now() + HOUR_MS).toISOString();
const schedule = (n = 0): Promise<string> =>
  mc.accept({ to: { addresses: [{ channel: 'sms', address: number(n) }] }, ...only('sms'), sendAt: inAnHour() });
/** Its time has come `seconds` ago. */
const comeTrue = async (ids: readonly string[], seconds = 0): Promise<void> => {
  for (const [table, id, column] of [
    ['message', 'id', 'send_at'],
    ['work', 'message_id', 'due_at'],
  ])
    await mc.rows(`UPDATE ${table} SET ${column} = now() - make_interval(secs => $2) WHERE ${id} = ANY($1::uuid[])`, [
      ids,
      seconds,
    ]);
};

/** What one dispatcher has in hand of what is due: at most 20, under a lease. */
const claim = (): Promise<DueWork[]> => mc.get(WorkRepository).claimDue('fan_out', 20);

/** One replica: with a batcher of its own, on connections of the pool that all share. */
class Dispatcher {
  private readonly fanOut = new FanOutService(
    mc.get(FanOutRepository),
    mc.get(LargeFanOuts),
    mc.get(HandOverService),
    mc.get(MessageBus),
    mc.get(Metrics),
    mc.get(AppLogger),
  );

  async goOn(rows: readonly DueWork[]): Promise<void> {
    await this.fanOut.fanOut(rows.map((row) => row.message_id));
  }

  /** As its timer does, until nothing is due. */
  async run(): Promise<void> {
    for (let rows = await claim(); rows.length > 0; rows = await claim()) await this.goOn(rows);
  }
}
const runAll = async (count: number): Promise<void> => {
  await Promise.all(Array.from({ length: count }, () => new Dispatcher().run()));
};
const dispatched = async (): Promise<number> =>
  (await mc.row<{ n: number }>('SELECT count(*)::int AS n FROM message_state WHERE dispatched_at IS NOT NULL')).n;
const deliverAll = async (): Promise<void> => {
  await mc.rows(`UPDATE work SET due_at = now() WHERE kind = 'deliver' AND lease_token IS NULL`);
  await mc.work('sms');
};

describe('messages whose time has come', () => {
  it('F38: ten dispatchers fire each of 200 once; what a frozen one had in hand fires without it, and not again when it wakes', async () => {
    const ids = await Promise.all(Array.from({ length: 200 }, (_, n) => schedule(n)));
    await comeTrue(ids);
    const zombie = new Dispatcher();
    const inHand = await claim();
    expect(inHand).toHaveLength(20);
    await runAll(10);
    expect(await dispatched()).toBe(180);
    await mc.rows(`UPDATE work SET due_at = now() WHERE kind = 'fan_out'`); // its lease has run out
    await runAll(10);
    await zombie.goOn(inHand);
    expect(await dispatched()).toBe(200);
    await deliverAll();
    expect(mc.provider.sent.map(({ address }) => address).sort()).toEqual(ids.map((_, n) => number(n)));
  });

  it('F39: fire once where it came while nobody ran, and how late that was can be seen', async () => {
    const id = await schedule();
    await comeTrue([id], 600);
    await runAll(3);
    await runAll(3);
    await deliverAll();
    expect(mc.provider.sent).toHaveLength(1);
    const { late } = await mc.row<{ late: number }>(
      `SELECT extract(epoch FROM s.dispatched_at - m.send_at)::float8 AS late
         FROM message m JOIN message_state s ON s.message_id = m.id WHERE m.id = $1`,
      [id],
    );
    expect(late).toBeGreaterThanOrEqual(600);
  });

  it('wait for it by the clock of the database, whatever the clock of a process says', async () => {
    const sendAt = inAnHour();
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now + 2 * HOUR_MS);
    const id = await mc.accept({ to: { addresses: [{ channel: 'sms', address: number(1) }] }, ...only('sms'), sendAt });
    await new Dispatcher().run();
    await mc.fanOut(id); // a doorbell that nobody should have rung
    expect(await mc.state(id)).toMatchObject({ status: 'scheduled', dispatched_at: null });
    jest.restoreAllMocks();
    expect(await mc.cancel(id)).toBe('cancelled');
  });
});

describe('a scheduled message that is cancelled', () => {
  it('before its time is never sent', async () => {
    const id = await schedule();
    expect(await mc.cancel(id)).toBe('cancelled');
    await comeTrue([id]);
    await runAll(3);
    await mc.fanOut(id);
    expect(await mc.deliveries(id)).toEqual([]);
    expect(await mc.state(id)).toMatchObject({ status: 'cancelled', chains: 0 });
  });

  it('at its very time is either cancelled with nothing sent, or sent', async () => {
    for (let round = 0; round < 40; round++) {
      const id = await schedule(round);
      await comeTrue([id]);
      const runs = [new Dispatcher().run(), new Dispatcher().run()];
      // A little later in each round, so that every order has its turn.
      for (let turn = 0; turn < round % 8; turn++) await mc.rows('SELECT 1');
      const [answer] = await Promise.all([mc.cancel(id), deliverAll(), ...runs]);
      await mc.dueWork();
      await deliverAll();
      await mc.fold();
      const sent = mc.provider.sentTo(number(round)).length;
      const statuses = (await mc.deliveries(id)).map(({ status }) => status);
      // 20 sent, 60 cancelled; cancelled before the fan-out there is no delivery at all.
      expect([answer, statuses, sent]).toEqual(
        answer === 'cancelled' ? ['cancelled', [], 0] : [answer, [sent === 1 ? 20 : 60], sent],
      );
      expect(['cancelled', 'completed']).toContain((await mc.state(id)).status);
    }
  });
});
