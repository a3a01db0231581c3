import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newMessageId } from '#entities';
import { eventually } from '../broker/messaging/eventually.js';
import { Center } from '../support/center.js';
import { HAS_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { findViolations } from '../support/invariants.js';

const DELIVERIES = 10_000;
const MESSAGES = 100;
/** Of one piece of work, as the fan-out makes it. */
const PER_PIECE = 100;
const TEXT_CHARACTERS = 100;
/** V8's old space, MiB. Less than 64 is too little for what is in hand at the same time, whatever waits behind it. */
const HEAP_MIB = 96;
const PATIENCE_MS = 90_000;

describe(`a worker with a small heap (${HAS_BROKER ? 'channel-worker' : 'standalone'})`, () => {
  let center: Center;
  let broker: Awaited<ReturnType<typeof openVirtualHost>> | undefined;
  beforeAll(async () => {
    broker = HAS_BROKER ? await openVirtualHost() : undefined;
    center = await Center.open(broker ? { rabbitUrl: broker.url } : {});
  }, 60_000);
  afterAll(async () => {
    await center?.close();
    await broker?.drop();
  });

  it(`works off a backlog of ${DELIVERIES.toLocaleString('en-US')} and loses nothing`, async () => {
    await makeBacklog();
    const host = center.hostOf('channel-worker');
    const worker = await center.start(host, { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` });
    if (center.isDistributed) await center.start('dispatcher');
    let lastWords: string | undefined;
    void worker.ended.then(() => (lastWords = worker.output().slice(-2_000)));
    await eventually(
      async () => lastWords ?? (await center.count('SELECT count(*) FROM work')),
      (left) => left === 0 || lastWords !== undefined,
      PATIENCE_MS,
    );
    expect(lastWords).toBeUndefined();
    const [row] = await center.rows(
      `SELECT (SELECT count(*) FROM work)::int AS work,
              (SELECT count(*) FROM delivery WHERE status = 20 AND attempts = 1)::int AS sent,
              (SELECT count(*) FROM delivery_attempt WHERE NOT is_possible_duplicate)::int AS calls`,
    );
    expect(row).toEqual({ work: 0, sent: DELIVERIES, calls: DELIVERIES });
    expect(await findViolations(center.databaseUrl)).toEqual([]);
  }, 120_000);

  /** As if the fan-outs had just ended. */
  async function makeBacklog(): Promise<void> {
    const ids = Array.from({ length: MESSAGES }, () => newMessageId(Date.now()));
    const each = DELIVERIES / MESSAGES;
    await center.rows(
      `INSERT INTO message (id, client_app_id, door, kind, priority, content, params, audience, plan, accepted_at)
       SELECT id, $2, 'native', 'notice', 1, jsonb_build_object('title', 'T', 'text', repeat('字', $3)), '{}', '{}',
              '{"mode":"list","steps":[{"channel":"mail"}]}', now() FROM unnest($1::uuid[]) id`,
      [ids, center.appId, TEXT_CHARACTERS],
    );
    await center.rows(
      `INSERT INTO message_state (message_id, status, next_ordinal, chains, expected, dispatched_at)
       SELECT id, 'dispatched', $2, $2, $2, now() FROM unnest($1::uuid[]) id`,
      [ids, each],
    );
    await center.rows(
      `INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref)
       SELECT id, n * 16, 10, true, 'mail', 'u' || n, 'u' || n || '@example.com', gen_random_uuid()
         FROM unnest($1::uuid[]) id, generate_series(0, $2 - 1) n`,
      [ids, each],
    );
    await center.rows(
      `INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at)
       SELECT 'deliver', id, $2, 'mail', 1, ARRAY(SELECT n * 16 FROM generate_series(first, first + $4 - 1) n), now()
         FROM unnest($1::uuid[]) id, generate_series(0, $3 - 1, $4) first`,
      [ids, center.appId, each, PER_PIECE],
    );
  }
});
