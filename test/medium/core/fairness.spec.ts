import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { QUEUES } from '#contracts';
import { WorkRepository, type HandedOver } from '#entities';
import { MessageBus } from '#messaging';
import { FairShares } from '../../../apps/dispatcher/src/due-work/fair-shares.js';
import { HandOverService } from '../../../apps/dispatcher/src/due-work/hand-over.service.js';
import { LargeFanOuts } from '../../../apps/dispatcher/src/fan-out/large-fan-outs.service.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  for (const appId of ['big', 'small', 'third']) await mc.addApp(appId);
});
afterEach(async () => {
  await mc.rows(emptying('work'));
  await mc.rows('UPDATE client_app SET weight = 1');
});
afterAll(() => mc.close());

interface Backlog {
  channel?: string;
  rows: number;
  /** Deliveries of each row. */
  size?: number;
  priority?: number;
  /** How long it has been due. */
  ageS?: number;
}

/** Work that is due, without the messages behind it: a hand-over looks at nothing else. */
async function backlog(
  appId: string,
  { channel = 'sms', rows, size = 1, priority = 1, ageS = 60 }: Backlog,
): Promise<void> {
  await mc.rows(
    `INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at)
     SELECT 'deliver', gen_random_uuid(), $1, $2, $3, ARRAY(SELECT generate_series(1, $5::int)),
            now() - make_interval(secs => $6) + n * interval '1 microsecond'
       FROM generate_series(1, $4::int) n`,
    [appId, channel, priority, rows, size, ageS],
  );
}

/** What each app gets of several hand-overs of `room` deliveries. */
async function shares(passes: number, room: number): Promise<Record<string, number>> {
  const fair = new FairShares();
  const had: Record<string, number> = {};
  for (let pass = 0; pass < passes; pass++) {
    const taken = await mc.get(WorkRepository).handOver('sms', room, { ahead: fair.ahead(), except: [] });
    fair.served(taken);
    for (const row of taken) had[row.app_id] = (had[row.app_id] ?? 0) + row.size;
  }
  return had;
}

const appsOf = (rows: readonly HandedOver[]): string[] => rows.map((row) => row.app_id);

describe('a hand-over', () => {
  it('puts an app’s single message in front of another’s thousands, however long these have waited', async () => {
    await backlog('big', { rows: 3000, ageS: 3600 });
    await backlog('small', { rows: 1, ageS: 0 });
    expect(appsOf(await mc.get(WorkRepository).handOver('sms', 100)).slice(0, 2)).toContain('small');
  });

  it('gives apps with work waiting the same share', async () => {
    await backlog('big', { rows: 3000 });
    await backlog('small', { rows: 3000 });
    expect(await shares(5, 200)).toEqual({ big: 500, small: 500 });
  });

  it('shares by weight', async () => {
    await mc.rows(`UPDATE client_app SET weight = 3 WHERE app_id = 'small'`);
    await backlog('big', { rows: 3000 });
    await backlog('small', { rows: 3000 });
    const had = await shares(10, 100);
    expect((had['small'] ?? 0) / (had['big'] ?? 1)).toBeCloseTo(3, 1);
  });

  it('shares by deliveries, not by pieces of work, over many hand-overs', async () => {
    await backlog('big', { rows: 50, size: 200 });
    await backlog('small', { rows: 5000 });
    const had = await shares(40, 100);
    expect(Math.abs((had['big'] ?? 0) - (had['small'] ?? 0))).toBeLessThanOrEqual(300);
  });

  it('lets one app have everything that the others leave over', async () => {
    await backlog('big', { rows: 3000 });
    await backlog('small', { rows: 3 });
    await backlog('third', { rows: 3 });
    expect(await shares(2, 1000)).toMatchObject({ small: 3, third: 3 });
    const first = await mc.get(WorkRepository).handOver('sms', 1000);
    expect(first.every((row) => row.app_id === 'big')).toBe(true);
    expect(first).toHaveLength(1000);
  });

  it('says where an app has more than its share of the room', async () => {
    await backlog('big', { rows: 600 });
    await backlog('small', { rows: 3 });
    const taken = await mc.get(WorkRepository).handOver('sms', 1000);
    expect(new Set(taken.filter((row) => row.is_cut).map((row) => row.app_id))).toEqual(new Set(['big']));
    expect((await mc.get(WorkRepository).handOver('sms', 1000)).some((row) => row.is_cut)).toBe(false);
  });

  it('takes each piece of work once where several dispatchers ask at the same time', async () => {
    await backlog('big', { rows: 500 });
    await backlog('small', { rows: 500 });
    const taken = await Promise.all(Array.from({ length: 4 }, () => mc.get(WorkRepository).handOver('sms', 400)));
    const ids = taken.flat().map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('priority', () => {
  it('orders the work of one app: high before normal before low, and older before newer', async () => {
    await backlog('big', { rows: 5, priority: 2, ageS: 300 });
    await backlog('big', { rows: 5, priority: 1, ageS: 200 });
    await backlog('big', { rows: 5, priority: 0, ageS: 100 });
    const taken = await mc.get(WorkRepository).handOver('sms', 12);
    const rows = await mc.rows<{ id: number; priority: number }>('SELECT id, priority FROM work');
    const priorityOf = new Map(rows.map((row) => [row.id, row.priority]));
    expect(taken.map((row) => priorityOf.get(row.id))).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]);
  });

  it('takes no share of another app: a thousand high ones do not keep a low one waiting', async () => {
    await backlog('big', { rows: 1000, priority: 0 });
    await backlog('small', { rows: 1, priority: 2, ageS: 0 });
    expect(appsOf(await mc.get(WorkRepository).handOver('sms', 100)).slice(0, 2)).toContain('small');
  });

  it('is the one its message asked for', async () => {
    await mc.addUser('u1', { sms: '13800000001' });
    for (const priority of ['low', 'normal', 'high'] as const)
      await mc.send({ to: { users: [{ id: 'u1' }] }, ...only('sms'), priority }, 'big');
    const taken = await mc.get(WorkRepository).handOver('sms', 10);
    const rows = await mc.rows<{ id: number; priority: number }>('SELECT id, priority FROM work');
    const priorityOf = new Map(rows.map((row) => [row.id, row.priority]));
    expect(taken.map((row) => priorityOf.get(row.id))).toEqual([0, 1, 2]);
  });
});

describe('the dispatcher', () => {
  const underWay = async (channel: string): Promise<Record<string, number>> => {
    const rows = await mc.rows<{ app_id: string; count: number }>(
      `SELECT app_id, sum(cardinality(seqs))::int AS count FROM work WHERE channel = $1 AND due_at > now() GROUP BY app_id`,
      [channel],
    );
    return Object.fromEntries(rows.map((row) => [row.app_id, row.count]));
  };

  it('hands over no more than its window holds, and an app that has nothing under way goes all the same', async () => {
    await backlog('big', { rows: 3000, channel: 'mail' });
    mc.get(HandOverService).wake();
    await mc.until(
      'the window is full',
      () => underWay('mail'),
      (now) => now['big'] === 1000,
    );
    await backlog('small', { rows: 1, channel: 'mail', ageS: 0 });
    mc.get(HandOverService).wake();
    await mc.until(
      'the newcomer went',
      () => underWay('mail'),
      (now) => now['small'] === 1,
    );
    expect(await underWay('mail')).toEqual({ big: 1000, small: 1 });
  });

  it('sends new work of the busy app to the end of its own line, and a newcomer’s at once', async () => {
    const made = async (appId: string): Promise<{ id: number; channel: string; app_id: string; size: number }> => ({
      ...(await mc.row<{ id: number }>(
        `INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at)
         VALUES ('deliver', gen_random_uuid(), $1, 'webhook', 1, '{0}', now() + interval '30 seconds') RETURNING id`,
        [appId],
      )),
      channel: 'webhook',
      app_id: appId,
      size: 1,
    });
    await backlog('big', { rows: 3000, channel: 'webhook' });
    mc.get(HandOverService).wake();
    await mc.until(
      'the window is full',
      () => underWay('webhook'),
      (now) => now['big'] === 1000,
    );
    const before = await mc.get(MessageBus).depth(QUEUES.deliveryRequested('webhook'));
    await mc.get(HandOverService).publish([await made('big'), await made('small')]);
    expect(await underWay('webhook')).toEqual({ big: 1000, small: 1 });
    expect(await mc.get(MessageBus).depth(QUEUES.deliveryRequested('webhook'))).toBe(before + 1);
  });

  it('keeps three seconds’ work under way where the accounts have a pace', async () => {
    await mc.rows(`UPDATE provider_account SET rate_per_second = 50 WHERE channel = 'push'`);
    await mc.refresh();
    await backlog('big', { rows: 3000, channel: 'push' });
    mc.get(HandOverService).wake();
    await mc.until(
      'the window is full',
      () => underWay('push'),
      (now) => (now['big'] ?? 0) > 0,
    );
    expect(await underWay('push')).toEqual({ big: 150 });
    expect(await mc.get(MessageBus).depth(QUEUES.deliveryRequested('push'))).toBe(Math.ceil(150 / 7));
  });

  it('fans out another app’s large message while several of one app are under way', async () => {
    const addresses = (count: number): { channel: 'mail'; address: string }[] =>
      Array.from({ length: count }, (_, n) => ({ channel: 'mail', address: `u${n}@example.com` }));
    const many: string[] = [];
    for (let n = 0; n < 6; n++)
      many.push(await mc.accept({ to: { addresses: addresses(20_000) }, ...only('mail') }, 'big'));
    const one = await mc.accept({ to: { addresses: addresses(5001) }, ...only('mail') }, 'small');
    await mc.get(LargeFanOuts).start([...many, one]);
    await mc.until(
      'it is fanned out',
      () => mc.state(one),
      (state) => state.expected !== null,
    );
    const states = await Promise.all(many.map((id) => mc.state(id)));
    expect(states.filter((state) => state.expected === null).length).toBeGreaterThan(0);
    await mc.until(
      'all are fanned out',
      () => Promise.all(many.map((id) => mc.state(id))),
      (all) => all.every((state) => state.expected === 20_000),
      60_000,
    );
  });
});
