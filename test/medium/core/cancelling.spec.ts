import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { DueWorkJob } from '../../../apps/dispatcher/src/due-work/due-work.job.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

/** More than three chunks. */
const MANY = 16_000;
const CANCELLED = 60;

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addUser('u1', { sms: '13800000001' });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations({ atRest: true });
  await mc.rows(emptying('work, message, message_state, delivery, settlement'));
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

/** To one person, and `more` others. */
async function send(more: number): Promise<string> {
  const id = await mc.send({ to: { users: [{ id: 'u1' }] }, ...only('sms') });
  await mc.rows(
    `INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref)
     SELECT message_id, seq + n * 16, status, is_open, channel, recipient, address, gen_random_uuid()
       FROM delivery CROSS JOIN generate_series(1, $2) n WHERE message_id = $1`,
    [id, more],
  );
  await mc.rows(
    'UPDATE message_state SET chains = chains + $2, expected = expected + $2, next_ordinal = next_ordinal + $2 WHERE message_id = $1',
    [id, more],
  );
  await mc.cancel(id);
  return id;
}

/** The dispatcher's timer goes on until nothing is left to cancel. */
const cancelAll = (): Promise<unknown> =>
  mc.until(
    'everything is cancelled',
    () => {
      mc.get(DueWorkJob).look();
      return mc.rows(`SELECT 1 FROM work WHERE kind = 'cancel'`);
    },
    (left) => left.length === 0,
  );
const endOf = async (id: string): Promise<{ deliveries: number; ended_at: Date }> =>
  mc.row(
    'SELECT count(*)::int AS deliveries, max(settled_at) AS ended_at FROM delivery WHERE message_id = $1 AND status = $2',
    [id, CANCELLED],
  );

it('a large cancellation holds up none that come after it', async () => {
  const large = await send(MANY);
  const small: string[] = [];
  for (let n = 0; n < 6; n++) small.push(await send(0));
  await cancelAll();
  const { deliveries, ended_at: endedAt } = await endOf(large);
  expect(deliveries).toBe(MANY + 1);
  for (const id of small) {
    const end = await endOf(id);
    expect(end.deliveries).toBe(1);
    expect(end.ended_at.getTime()).toBeLessThan(endedAt.getTime());
  }
});

it('one that fails keeps no other from its turn', async () => {
  const failing = await send(0);
  const other = await send(0);
  // Its counter holds no more.
  await mc.rows('UPDATE message_state SET cancelled = 2147483647 WHERE message_id = $1', [failing]);
  mc.get(DueWorkJob).look();
  await mc.until(
    'the other is cancelled',
    () => endOf(other),
    ({ deliveries }) => deliveries === 1,
  );
  expect(await endOf(failing)).toMatchObject({ deliveries: 0 });
  await mc.rows('UPDATE message_state SET cancelled = 0 WHERE message_id = $1', [failing]);
  await mc.rows(`UPDATE work SET due_at = now()`);
  await cancelAll();
  expect(await endOf(failing)).toMatchObject({ deliveries: 1 });
});
