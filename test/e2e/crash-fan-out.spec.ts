import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Center } from '../support/center.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { outcomeOf, watchRanks } from '../support/outcome.js';

const RECIPIENTS = 10_000;

(HAS_BROKER ? describe : describe.skip)(`kill -9 in the middle of a large fan-out${WITHOUT_BROKER}`, () => {
  let center: Center;
  let broker: Awaited<ReturnType<typeof openVirtualHost>>;

  beforeAll(async () => {
    broker = await openVirtualHost();
    center = await Center.open({ rabbitUrl: broker.url, recipients: RECIPIENTS });
    await watchRanks(center);
    await center.db.query(
      `UPDATE client_app SET channels = channels || '{push}';
       INSERT INTO device (token, user_id, platform) SELECT user_id || '-phone', user_id, 'android' FROM recipient`,
    );
    await center.startAll();
  });
  afterAll(async () => {
    await center?.close();
    await broker?.drop();
  });

  it(`${RECIPIENTS} recipients, a dispatcher dead after each chunk: each of them gets it once`, async () => {
    const afterAChunk = { FAILPOINTS: 'dispatcher.after-chunk:1:1' };
    let victim = center.app('dispatcher');
    await victim.armFailpoint('dispatcher.after-chunk');
    const users = Array.from({ length: RECIPIENTS }, (_, n) => `u${n}`);
    const id = await center.send(users);
    expect(await victim.ended).toEqual({ code: null, signal: 'SIGKILL' });
    const inserted = (): Promise<number> => center.count('SELECT count(*) FROM delivery');
    expect(await inserted()).toBe(RECIPIENTS / 2);

    victim = await center.start('dispatcher', afterAChunk);
    await center.passTime();
    expect(await victim.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await inserted()).toBe(RECIPIENTS);

    await center.start('dispatcher');
    await center.passTime();
    await center.untilDone([id], 60_000);
    expect(await outcomeOf(center)).toEqual({ complaints: [], duplicates: 0, flagged: 0 });
    expect(new Set(center.sink.deliveries.map(({ path }) => path)).size).toBe(RECIPIENTS);
  }, 90_000);

  it(`${RECIPIENTS} devices, a dispatcher dead after a chunk and two workers dead with work in hand: each of them gets it once`, async () => {
    const dispatcher = center.app('dispatcher');
    await dispatcher.armFailpoint('dispatcher.after-chunk');
    // At its first claim: later ones would find other batches of the worker between the provider's yes and the commit.
    const withWorkInHand = { FAILPOINTS: 'worker.after-claim:1:1' };
    let worker = center.app('channel-worker');
    await worker.armFailpoint('worker.after-claim');
    const devices = Array.from({ length: RECIPIENTS }, (_, n) => `u${n}-phone`);
    const id = await center.send(devices, { to: { devices } });
    expect(await dispatcher.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await center.start('dispatcher');
    await center.passTime();
    for (const next of [withWorkInHand, {}]) {
      expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
      await center.endLeases();
      worker = await center.start('channel-worker', next);
    }
    await center.untilDone([id], 60_000);
    expect(await outcomeOf(center)).toMatchObject({ complaints: [], duplicates: 0 });
    expect(
      await center.rows(
        `SELECT count(*)::int AS n, count(DISTINCT address)::int AS devices FROM sandbox_message WHERE channel = 'push'`,
      ),
    ).toEqual([{ n: RECIPIENTS, devices: RECIPIENTS }]);
  }, 90_000);
});
