import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Center } from '../support/center.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { outcomeOf, watchRanks } from '../support/outcome.js';
import { seeded } from '../support/seeded.js';
import type { AppName } from '../support/processes.js';

const KILLS = 20;
const SEED = 20_261_122;
const CALLERS = 4;
const USERS = 50;
const VICTIMS: readonly AppName[] = ['gateway', 'dispatcher', 'channel-worker', 'channel-worker', 'reporting'];

(HAS_BROKER ? describe : describe.skip)(`SIGKILL of random processes under load${WITHOUT_BROKER}`, () => {
  let center: Center;
  let broker: Awaited<ReturnType<typeof openVirtualHost>>;

  beforeAll(async () => {
    broker = await openVirtualHost();
    center = await Center.open({ rabbitUrl: broker.url, recipients: USERS });
    await watchRanks(center);
    await center.startAll();
  });
  afterAll(async () => {
    await center?.close();
    await broker?.drop();
  });

  it(`${KILLS} times: nothing accepted is lost, and only what a killed worker held may come twice`, async () => {
    const dice = seeded(SEED);
    const storm = { isOver: false };
    const callers = Array.from({ length: CALLERS }, (_, caller) => sendWhile(caller, () => !storm.isOver));
    const restarts = new Map<AppName, Promise<unknown>>();
    let workersKilled = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(dice.int(500)); // the moment is the fault: nothing to wait for
      const name = dice.pick(VICTIMS);
      if (name === 'channel-worker') workersKilled++;
      await restarts.get(name); // others may be down still
      await center.app(name).kill('SIGKILL');
      restarts.set(name, center.start(name));
    }
    await Promise.all(restarts.values());
    storm.isOver = true;
    await Promise.all(callers);
    expect(workersKilled).toBeGreaterThan(0);

    await center.recover();
    await center.untilDone([...center.accepted.keys()], 40_000);

    const { complaints, duplicates, flagged } = await outcomeOf(center, 1 + workersKilled);
    expect(complaints).toEqual([]);
    expect(duplicates).toBeLessThanOrEqual(flagged);
    expect(center.accepted.size).toBeGreaterThan(KILLS);
    process.stderr.write(
      `storm: ${center.accepted.size} messages, ${workersKilled} workers killed, ${duplicates} duplicates, ${flagged} flagged\n`,
    );
  }, 120_000);

  async function sendWhile(caller: number, isGoing: () => boolean): Promise<void> {
    for (let n = caller; isGoing(); n += CALLERS) {
      await center.sendUntilAccepted([`u${n % USERS}`, `u${(n + 1) % USERS}`], {
        statusCallback: center.sink.callbackUrl,
      });
      await sleep(60);
    }
  }
});
