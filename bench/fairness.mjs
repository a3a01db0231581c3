// One app's huge backlog of SMS and another app's single ones: how long these take with it and without it.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { addPeople, seedDirectory } from './lib/directory.mjs';
import { bounded } from './lib/figures.mjs';
import { freePorts, startApp } from './lib/processes.mjs';
import { startDatabase, temporaryFolder } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { percentiles } from './lib/stats.mjs';

/** A few seconds, whatever the other app sends. */
const MAX_DELAY_MS = 5_000;
/** Singles of one measurement for each second of load: one goes every second. */
const SINGLES_PER_SECOND = 4;
/** What the SMS account may send a second, each in a run of its own; null: as much as it can. */
const PACES = [100, 1000, null];
/** A call of the sandbox takes this long. */
const LATENCY_MS = 50;
/** The backlog works for so long before the first single: what lies in queues has found its level. */
const LEVEL_MS = 5_000;
const PATIENCE_MS = 120_000;

export const fairness = ({ seconds, recipients }) =>
  withStack(async (stack) => {
    const size = Math.max(...recipients);
    const singles = seconds * SINGLES_PER_SECOND;
    const database = stack.add(await startDatabase());
    const { environment, query, token: bigToken } = stack.add(await seedDirectory(database.url));
    console.log(`  filling the directory with ${size.toLocaleString('en-US')} numbers`);
    const tag = await fillTag(query, size);
    const smallToken = await addApp(query, 'small');
    const data = stack.add(temporaryFolder('fairness'));
    const [port] = await freePorts(1);
    stack.add(await startApp('standalone', { ...environment, PORT: String(port), DATA_DIR: data.folder }));
    const send = sender(port);
    const figures = [];
    for (const pace of PACES) {
      await setPace(query, pace);
      const measure = () =>
        delays(query, (address) => send(smallToken, { addresses: [{ channel: 'sms', address }] }), singles);
      const alone = await measure();
      const id = await send(bigToken, { tags: [tag] });
      await sleep(LEVEL_MS);
      const beside = await measure();
      const sent = await sentOf(query, id);
      if (sent >= size) console.log('  the backlog ended before the measurement: take more --recipients');
      await forget(query, id);
      const name = pace === null ? 'without a limit' : `at ${pace}/s`;
      console.log(
        `  ${name}: alone max ${ms(alone.p100)}, beside a backlog of ${size - sent} p50 ${ms(beside.p50)}, max ${ms(beside.p100)}`,
      );
      figures.push(
        bounded(
          `a single SMS beside another app's ${size.toLocaleString('en-US')}, account ${name}: longest`,
          beside.p100,
          'ms',
          { atMost: MAX_DELAY_MS },
          {
            'p50 ms': beside.p50,
            'p99 ms': beside.p99,
            'alone p50 ms': alone.p50,
            'alone p99 ms': alone.p99,
            'alone longest ms': alone.p100,
          },
        ),
      );
    }
    return {
      figures,
      facts: [database.facts, `sandbox of ${LATENCY_MS} ms a call, ${singles} singles a measurement, one a second`],
    };
  });

const ms = (value) => `${Math.round(value)} ms`;

async function fillTag(query, size) {
  await addPeople(query, size);
  await query(
    `INSERT INTO recipient_address (user_id, channel, address)
     SELECT user_id, 'sms', '1379' || lpad((row_number() OVER (ORDER BY user_id))::text, 7, '0') FROM recipient ON CONFLICT DO NOTHING`,
  );
  const [{ id }] = await query(`INSERT INTO tag (app_id, name) VALUES ('bench', 'everybody') RETURNING id`);
  await query(
    `INSERT INTO tag_member (tag_id, user_id, added_at) SELECT $1, user_id, now() - interval '1 day' FROM recipient ORDER BY user_id LIMIT $2`,
    [id, size],
  );
  await query(`INSERT INTO provider_account (channel, id, provider, settings) VALUES ('sms', 'main', 'sandbox', $1)`, [
    JSON.stringify({ latencyMs: LATENCY_MS }),
  ]);
  await query('VACUUM ANALYZE');
  return 'everybody';
}

async function addApp(query, appId) {
  const token = randomBytes(24).toString('base64url');
  await query(
    `INSERT INTO client_app (app_id, name, channels, secret, webhook_secret) VALUES ($1, $1, '{sms}', '', '')`,
    [appId],
  );
  await query(`INSERT INTO access_token (token_hash, app_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`, [
    createHash('sha256').update(token).digest(),
    appId,
  ]);
  return token;
}

async function setPace(query, pace) {
  await query(`UPDATE provider_account SET rate_per_second = $1 WHERE channel = 'sms'`, [pace]);
  await query(`UPDATE catalog_revision SET revision = revision + 1 WHERE topic = 'channel'`);
  await sleep(2_000); // replicas look once a second
}

const sender = (port) => async (token, to) => {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ to, channels: { mode: 'list', list: ['sms'] }, content: { text: 'Bench' } }),
  });
  const body = await answer.json();
  if (answer.status !== 202) throw new Error(`refused: ${JSON.stringify(body)}`);
  return body.id;
};

/** From the call to the provider's having it, by the database's clock. One a second, whether or not the one before has arrived. */
async function delays(query, send, count) {
  const starts = new Map();
  for (let n = 0; n < count; n++) {
    const address = `1390${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;
    const [{ at }] = await query('SELECT clock_timestamp() AS at');
    starts.set(address, at.getTime());
    await send(address);
    await sleep(1_000);
  }
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const rows = await query('SELECT address, at FROM sandbox_message WHERE address = ANY($1::text[])', [
      [...starts.keys()],
    ]);
    if (rows.length >= starts.size)
      return percentiles(
        rows.map((row) => row.at.getTime() - starts.get(row.address)),
        [50, 99, 100],
      );
    if (Date.now() > deadline) throw new Error(`${starts.size - rows.length} singles did not arrive`);
    await sleep(100);
  }
}

async function sentOf(query, id) {
  const [{ count }] = await query(
    `SELECT count(*)::int AS count FROM delivery WHERE message_id = $1 AND status >= 20`,
    [id],
  );
  return count;
}

/** The next measurement starts with an empty channel. */
async function forget(query, id) {
  await query('DELETE FROM work WHERE message_id = $1', [id]);
  await query(`UPDATE message_state SET cancel_requested_at = now() WHERE message_id = $1`, [id]);
  await sleep(8_000); // what workers hold runs out
  await query('DELETE FROM work WHERE message_id = $1', [id]);
}
