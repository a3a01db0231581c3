// A fast channel beside all the others, whose providers have become slow: what it costs the fast one.
import { setTimeout as sleep } from 'node:timers/promises';
import { seedDirectory, sendBody, sendPath } from './lib/directory.mjs';
import { figure } from './lib/figures.mjs';
import { openLoop, poissonSchedule } from './lib/open-loop.mjs';
import { freePorts, startApp, startProgram } from './lib/processes.mjs';
import { startDatabase, temporaryFolder } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { percentiles } from './lib/stats.mjs';

const SLOW = ['sms', 'mail', 'wechat', 'wecom', 'dingtalk', 'push'];
/** The longest a call of the sandbox may take. */
const LATENCY_MS = 10_000;
/** Waiting messages of each slow channel: more than it can send within the measurement. */
const BACKLOG = 2_000;
const PER_SECOND = 100;
/** The goal: the same p99, but for what two runs differ by anyway. */
const MAX_RATIO = 1.25;

export const bulkhead = ({ seconds, rounds }) =>
  withStack(async (stack) => {
    const sink = stack.add(await startProgram('programs/sink.mjs', {}));
    const database = stack.add(await startDatabase());
    const { token, environment, query } = stack.add(await seedDirectory(database.url, sink.ready.url));
    await slowDown(query);
    const data = stack.add(temporaryFolder('bulkhead'));
    const [PORT] = await freePorts(1);
    stack.add(await startApp('standalone', { ...environment, PORT: String(PORT), DATA_DIR: data.folder }));
    const path = sendPath(token);
    await measure(PORT, path, sink, seconds); // warms up
    const alone = await several(rounds, () => measure(PORT, path, sink, seconds));
    console.log(`  alone: p50 ${alone.p50.toFixed(1)} ms, p99 ${alone.p99.toFixed(1)} ms`);
    for (const channel of SLOW) await backlog(PORT, path, channel);
    await sleep(2_000);
    const beside = await several(rounds, () => measure(PORT, path, sink, seconds));
    const [{ waiting }] = await query(
      `SELECT sum(cardinality(seqs))::int AS waiting FROM work WHERE channel <> 'webhook'`,
    );
    console.log(`  beside ${waiting} waiting: p50 ${beside.p50.toFixed(1)} ms, p99 ${beside.p99.toFixed(1)} ms`);
    return {
      figures: [
        figure(
          `accept to sink at ${PER_SECOND}/s beside ${SLOW.length} channels of ${LATENCY_MS / 1000} s a call: p99`,
          beside.p99,
          'ms',
          {
            details: { 'p50 ms': beside.p50, 'still waiting on the slow ones': waiting },
            baselines: [{ name: 'the same without them', value: alone.p99, goal: { atMost: MAX_RATIO } }],
          },
        ),
      ],
      facts: [database.facts, `${BACKLOG} messages waiting on each slow channel`],
    };
  });

async function slowDown(query) {
  await query(`UPDATE client_app SET channels = $1`, [['webhook', ...SLOW]]);
  for (const channel of SLOW) {
    await query(`INSERT INTO provider_account (channel, id, provider, settings) VALUES ($1, 'slow', 'sandbox', $2)`, [
      channel,
      JSON.stringify({ latencyMs: LATENCY_MS }),
    ]);
    await query(
      `INSERT INTO recipient_address (user_id, channel, address) SELECT user_id, $1, user_id FROM recipient ON CONFLICT DO NOTHING`,
      [channel],
    );
  }
}

async function backlog(port, path, channel) {
  const schedule = Float64Array.from({ length: BACKLOG }, (_, n) => n / 2);
  const { failed } = await openLoop({ port, path, schedule, bodyOf: (n) => sendBody(n, channel) });
  if (failed > 0) throw new Error(`${failed} of ${BACKLOG} messages for ${channel} were refused`);
}

async function measure(port, path, sink, seconds) {
  const schedule = poissonSchedule(PER_SECOND, seconds);
  const sent = await openLoop({ port, path, schedule, bodyOf: (n) => sendBody(n, 'webhook') });
  if (sent.failed > 0) throw new Error(`${sent.failed} of ${schedule.length} calls failed`);
  await sleep(1_000);
  const { arrivals } = await sink.ask({ ask: 'take' });
  if (arrivals.length < schedule.length)
    throw new Error(`${schedule.length - arrivals.length} messages did not arrive`);
  return percentiles(
    arrivals.map(([number, at]) => at - sent.startedAt - schedule[number]),
    [50, 99],
  );
}

/** The median round by its p99. */
async function several(rounds, measureOnce) {
  const results = [];
  for (let round = 0; round < rounds; round++) results.push(await measureOnce());
  return results.sort((a, b) => a.p99 - b.p99)[rounds >> 1];
}
