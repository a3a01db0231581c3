import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CHUNK_SIZE, FanOutRepository } from '#entities';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addApp('other');
  await mc.addUser('li', { sms: '13800000001' });
  await mc.addUser('wu');
  await mc.addUser('he', { push: 'old-way' });
  await mc.rows(`INSERT INTO org_unit (code, name, parent) VALUES ('hq', 'HQ', NULL), ('field', 'Field', 'hq')`);
  await mc.rows(`INSERT INTO recipient_org_unit VALUES ('hq', 'li'), ('field', 'wu'), ('field', 'he')`);
  await mc.rows(
    `INSERT INTO device (token, user_id, app_id, platform, is_test, registered_at, deactivated_at) VALUES
       ('li-1', 'li', '', 'android', false, now() - interval '2 days', NULL),
       ('li-2', 'li', '', 'ios', true, now() - interval '1 day', NULL),
       ('li-dead', 'li', '', 'ios', false, now(), now()),
       ('li-other', 'li', 'other', 'ios', false, now(), NULL),
       ('stray', 'nobody-yet', '', 'web', false, now(), NULL)`,
  );
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  await mc.rows(emptying('work, message, message_state, delivery, settlement, dead_letter, opt_out'));
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const push = only('push');
const seen = async (id: string): Promise<unknown[]> =>
  (await mc.deliveries(id)).map((row) => [row.recipient, row.address, row.status, row.error_code]);

describe('devices named by token', () => {
  it('have a delivery each, in their order; what cannot be reached says why', async () => {
    const tokens = ['li-2', 'none', 'li-dead', 'li-1', 'li-2', 'stray', 'li-other'];
    const id = await mc.send({ to: { devices: { tokens } }, ...push });
    expect(await seen(id)).toEqual([
      ['li', 'li-2', 0, null],
      ['', 'none', 31, 'unknown_device'],
      ['li', 'li-dead', 31, 'device_inactive'],
      ['li', 'li-1', 0, null],
      ['nobody-yet', 'stray', 0, null],
      ['', 'li-other', 31, 'unknown_device'],
    ]);
    expect(await mc.state(id)).toMatchObject({ status: 'dispatched', expected: 6, next_ordinal: 6 });
  });

  it('that an app registered are reached by that app only', async () => {
    const id = await mc.send({ to: { devices: { tokens: ['li-other'] } }, ...push }, 'other');
    expect(await seen(id)).toEqual([['li', 'li-other', 0, null]]);
  });

  it('are left out where only test devices are meant, or the payload is too large for their platform', async () => {
    const test = await mc.send({ to: { devices: { tokens: ['li-1', 'li-2'], isTestOnly: true } }, ...push });
    expect(await seen(test)).toEqual([
      ['li', 'li-1', 31, 'not_a_test_device'],
      ['li', 'li-2', 0, null],
    ]);
    const large = await mc.send({ to: { devices: { tokens: ['li-1', 'li-2'], tooLargeFor: ['ios'] } }, ...push });
    expect(await seen(large)).toEqual([
      ['li', 'li-1', 0, null],
      ['li', 'li-2', 31, 'payload_too_large'],
    ]);
  });

  it('get nothing that their owner does not want', async () => {
    await mc.rows(`INSERT INTO opt_out VALUES ('li', 'channel', 'push')`);
    const id = await mc.send({ to: { devices: { tokens: ['li-1'] } }, ...push });
    expect(await seen(id)).toEqual([['li', 'li-1', 61, 'opted_out_of_channel']]);
  });

  it('stand between people and addresses, on push whatever the channels are', async () => {
    const id = await mc.send({
      to: {
        users: [{ id: 'li' }],
        devices: { tokens: ['li-1'] },
        addresses: [{ channel: 'mail', address: 'guest@example.com' }],
      },
      ...only('sms'),
    });
    expect((await mc.deliveries(id)).map((row) => [row.seq, row.channel, row.address])).toEqual([
      [0, 'sms', '13800000001'],
      [16 + 8, 'push', 'li-1'],
      [32, 'mail', 'guest@example.com'],
    ]);
  });

  it('have no other channel after them', async () => {
    mc.provider.on('push', { class: 'bad_recipient', code: 'gone', isAddressKept: true });
    const id = await mc.send({ to: { devices: { tokens: ['li-1'] } }, channels: { mode: 'any' } });
    await mc.work('push');
    mc.provider.reset();
    expect(await seen(id)).toEqual([['li', 'li-1', 31, 'gone']]);
  });
});

describe('devices by their owners', () => {
  it('are all in use, each once, with a line for whom there is none', async () => {
    const id = await mc.send({
      to: {
        devices: {
          tokens: ['li-1'],
          users: ['wu', 'li', 'nobody-yet', 'missing', 'li'],
          orgUnits: ['nowhere'],
        },
      },
      ...push,
    });
    expect(await seen(id)).toEqual([
      ['li', 'li-1', 0, null],
      ['', 'nowhere', 31, 'unknown_org_unit'],
      ['li', 'li-2', 0, null],
      ['missing', '', 31, 'unknown_recipient'],
      ['nobody-yet', 'stray', 0, null],
      ['wu', '', 31, 'no_device'],
    ]);
  });

  it('whose owner is in no directory say that he has none that can be reached, not that nobody knows him', async () => {
    await mc.rows(
      `INSERT INTO device (token, user_id, app_id, platform, deactivated_at) VALUES
         ('ghost-dead', 'ghost', '', 'ios', now()), ('foreign-1', 'foreign', 'other', 'ios', NULL)`,
    );
    const users = ['ghost', 'nobody-yet', 'foreign'];
    const id = await mc.send({ to: { devices: { users } }, ...push });
    const test = await mc.send({ to: { devices: { users, isTestOnly: true } }, ...push });
    await mc.rows(`DELETE FROM device WHERE user_id IN ('ghost', 'foreign')`);
    expect(await seen(id)).toEqual([
      ['foreign', '', 31, 'unknown_recipient'],
      ['ghost', '', 31, 'no_device'],
      ['nobody-yet', 'stray', 0, null],
    ]);
    expect(await seen(test)).toEqual([
      ['foreign', '', 31, 'unknown_recipient'],
      ['ghost', '', 31, 'no_device'],
      ['nobody-yet', '', 31, 'no_device'],
    ]);
  });

  it('of an org unit include those below it, and leave out who has none', async () => {
    await mc.rows(`INSERT INTO device (token, user_id, platform) VALUES ('wu-1', 'wu', 'harmony')`);
    const id = await mc.send({ to: { devices: { users: ['wu'], orgUnits: ['hq'] } }, ...push });
    await mc.rows(`DELETE FROM device WHERE token = 'wu-1'`);
    expect(await seen(id)).toEqual([
      ['li', 'li-1', 0, null],
      ['li', 'li-2', 0, null],
      ['wu', 'wu-1', 0, null],
    ]);
    const test = await mc.send({ to: { devices: { orgUnits: ['hq'], isTestOnly: true } }, ...push });
    expect(await seen(test)).toEqual([['li', 'li-2', 0, null]]);
  });
});

describe('ten thousand devices', () => {
  const people = CHUNK_SIZE + 120;
  beforeAll(async () => {
    await mc.rows(`INSERT INTO recipient (user_id) SELECT 'p' || lpad(n::text, 5, '0') FROM generate_series(1, $1) n`, [
      people,
    ]);
    await mc.rows(`INSERT INTO org_unit (code, name) VALUES ('crowd', 'Crowd')`);
    await mc.rows(`INSERT INTO recipient_org_unit SELECT 'crowd', user_id FROM recipient WHERE user_id LIKE 'p0%'`);
    await mc.rows(
      `INSERT INTO device (token, user_id, platform) SELECT user_id || k, user_id, 'android'
         FROM recipient CROSS JOIN unnest(ARRAY['-a', '-b']) k WHERE user_id LIKE 'p0%'`,
    );
    await mc.rows('ANALYZE device, recipient, recipient_org_unit');
  });
  afterAll(async () => {
    await mc.rows(`DELETE FROM device WHERE user_id LIKE 'p0%'`);
  });

  it('are fanned out in chunks, each once, by whoever goes on where another stopped', async () => {
    const tokens = Array.from({ length: CHUNK_SIZE + 1 }, (_, i) => `p${String(i + 1).padStart(5, '0')}-a`);
    const id = await mc.accept({ to: { devices: { tokens, orgUnits: ['crowd'] } }, ...push });
    const fanOuts = mc.get(FanOutRepository);
    await expect(fanOuts.fanOutChunk(id)).resolves.toMatchObject({ state: 'more', inserted: CHUNK_SIZE });
    expect(await mc.state(id)).toMatchObject({ status: 'dispatching', cursor: `t:${CHUNK_SIZE}` });
    // Two others go on at once.
    await Promise.all([mc.fanOut(id), mc.fanOut(id)]);
    expect(
      await mc.row(
        'SELECT count(*)::int AS n, count(DISTINCT address)::int AS devices, count(DISTINCT ref)::int AS refs FROM delivery WHERE message_id = $1',
        [id],
      ),
    ).toEqual({ n: people * 2, devices: people * 2, refs: people * 2 });
    expect(await mc.state(id)).toMatchObject({ status: 'dispatched', expected: people * 2, next_ordinal: people * 2 });
    const { work } = await mc.row<{ work: number }>(
      `SELECT sum(cardinality(seqs))::int AS work FROM work WHERE message_id = $1 AND kind = 'deliver'`,
      [id],
    );
    expect(work).toBe(people * 2);
    // Ten thousand deliveries that wait take the invariants longer than everything else here.
    await mc.rows(emptying('work, message, message_state, delivery'));
  });
});

describe('people on channel push', () => {
  it('are reached by the devices they registered last, or by an address where they have none', async () => {
    const id = await mc.send({ to: { users: [{ id: 'li' }, { id: 'he' }, { id: 'wu' }] }, ...push });
    expect(await seen(id)).toEqual([
      ['he', 'old-way', 0, null],
      ['li', 'li-2,li-1', 0, null],
      ['wu', '', 31, 'no_address'],
    ]);
  });

  it('are reached by ten devices at most', async () => {
    await mc.rows(
      `INSERT INTO device (token, user_id, platform, registered_at)
       SELECT 'wu-' || n, 'wu', 'web', now() - n * interval '1 minute' FROM generate_series(1, 12) n`,
    );
    const id = await mc.send({ to: { users: [{ id: 'wu' }] }, ...push });
    await mc.rows(`DELETE FROM device WHERE user_id = 'wu'`);
    const [row] = await mc.deliveries(id);
    expect(row?.address.split(',')).toEqual(Array.from({ length: 10 }, (_, i) => `wu-${i + 1}`));
  });

  it('come to push as a fallback', async () => {
    mc.provider.on('sms', { class: 'bad_recipient', isAddressKept: true });
    await mc.rows(`INSERT INTO channel_config (channel, priority) VALUES ('sms', 1), ('push', 2)`);
    await mc.refresh();
    const id = await mc.send({ to: { users: [{ id: 'li' }] }, channels: { mode: 'any' } });
    await mc.work('sms');
    expect((await mc.deliveries(id)).map((row) => [row.channel, row.address])).toEqual([
      ['sms', '13800000001'],
      ['push', 'li-2,li-1'],
    ]);
    mc.provider.reset();
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
  });
});
