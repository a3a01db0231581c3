import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DELIVERY_STATUS } from '#contracts';
import { eventually } from '../broker/messaging/eventually.js';
import { Center } from '../support/center.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { openSmtpScript, type SmtpScript } from '../support/fakes/smtp-script.js';
import { findViolations } from '../support/invariants.js';
import { outcomeOf, watchRanks } from '../support/outcome.js';

/** A process has a few seconds to end, and whoever ends it waits for 15 s more. */
const DRAIN_S = 4;
const GRACE_MS = (DRAIN_S + 15) * 1000;
/** Often enough that every process is told to end in the middle of something. */
const CALL_EVERY_MS = 40;
const STOPPED = { code: 0, signal: null };

(HAS_BROKER ? describe : describe.skip)(`processes that are told to end${WITHOUT_BROKER}`, () => {
  let center: Center;
  let broker: Awaited<ReturnType<typeof openVirtualHost>>;
  let silent: SmtpScript;
  let answering: SmtpScript;

  beforeAll(async () => {
    [broker, silent, answering] = await Promise.all([
      openVirtualHost(),
      openSmtpScript({ BODY_ENDED: 'hang' }),
      openSmtpScript({}),
    ]);
    center = await Center.open({ rabbitUrl: broker.url, env: { SHUTDOWN_DRAIN_S: String(DRAIN_S) } });
    await watchRanks(center);
    await center.rows(
      `INSERT INTO recipient_address (user_id, channel, address) SELECT user_id, 'mail', user_id || '@x.test' FROM recipient`,
    );
    await useMailServer(silent);
    await center.startAll();
  }, 90_000);
  afterAll(async () => {
    await center?.close();
    await Promise.all([broker?.drop(), silent?.close(), answering?.close()]);
  });

  /** What is sent from the next start of a worker on goes there, one mail after the other. */
  const useMailServer = ({ port }: SmtpScript): Promise<unknown> =>
    center.rows(
      `INSERT INTO provider_account (channel, id, provider, settings) VALUES ('mail', 'relay', 'smtp', $1)
       ON CONFLICT (channel, id) DO UPDATE SET settings = excluded.settings`,
      [{ host: '127.0.0.1', port, from: 'notice@mc.test', maxConnections: 1, timeoutMs: 60_000 }],
    );

  it('one after the other, while callers call: each ends in order, no call fails, nothing is lost or sent twice', async () => {
    const load = { isOver: false };
    const callers = [1, 2, 3].map(async (caller) => {
      for (; !load.isOver; await sleep(CALL_EVERY_MS)) await callAgainWhileClosed([`u${caller}`, `u${caller + 3}`]);
    });
    for (const name of ['gateway', 'dispatcher', 'channel-worker', 'reporting'] as const) {
      const before = center.accepted.size;
      await eventually(
        () => center.accepted.size,
        (count) => count > before,
      );
      expect(await center.app(name).kill('SIGTERM', GRACE_MS)).toEqual(STOPPED);
      await center.start(name);
    }
    load.isOver = true;
    await Promise.all(callers);
    await center.untilDone([...center.accepted.keys()]);
    expect(await outcomeOf(center)).toEqual({ complaints: [], duplicates: 0, flagged: 0 });
  }, 120_000);

  /** As callers are told to: the same call again where there is no connection, or HTTP 503. */
  async function callAgainWhileClosed(users: readonly string[]): Promise<void> {
    const key = randomUUID();
    await eventually(
      () =>
        center.send(users, {}, { key }).then(
          () => true,
          (error: Error) => {
            if (error.name === 'TypeError' || error.message.startsWith('refused: 503')) return false;
            throw error;
          },
        ),
      (isAccepted) => isAccepted,
    );
  }

  it('a worker whose provider is silent ends in time; what was under way is unknown, the rest goes out once', async () => {
    const users = ['u1', 'u2', 'u3'];
    const id = await center.send(users, { channels: { mode: 'list', list: ['mail'] } });
    await eventually(
      () => silent.bodies.length,
      (mails) => mails === 1,
    );
    expect(await center.app('channel-worker').kill('SIGTERM', GRACE_MS)).toEqual(STOPPED);
    expect(await statusesOf(id)).toEqual([
      { status: DELIVERY_STATUS.pending, error_code: null, attempts: 0 },
      { status: DELIVERY_STATUS.pending, error_code: null, attempts: 0 },
      { status: DELIVERY_STATUS.unknown, error_code: 'aborted', attempts: 1 },
    ]);
    await useMailServer(answering);
    await center.start('channel-worker');
    await center.untilDone([id]);
    const sent = { status: DELIVERY_STATUS.sent, error_code: null, attempts: 1 };
    expect(await statusesOf(id)).toEqual([
      sent,
      sent,
      { ...sent, status: DELIVERY_STATUS.unknown, error_code: 'aborted' },
    ]);
    const recipients = [silent, answering].flatMap(({ commands }) =>
      commands.filter((line) => line.startsWith('RCPT')),
    );
    expect(recipients.sort()).toEqual(users.map((user) => `RCPT TO:<${user}@x.test>`));
    expect(await center.count('SELECT count(*) FROM delivery_attempt WHERE is_possible_duplicate')).toBe(0);
    expect(await findViolations(center.databaseUrl, { atRest: true })).toEqual([]);
  });

  const statusesOf = (id: string): Promise<object[]> =>
    center.rows('SELECT status, error_code, attempts FROM delivery WHERE message_id = $1 ORDER BY status', [id]);
});
