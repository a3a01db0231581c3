// (c) From the call of /msg/send to a webhook on loopback and the settled, counted delivery.
import { closedLoop } from './lib/closed-loop.mjs';
import { seedDirectory, sendBody, sendPath } from './lib/directory.mjs';
import { figure } from './lib/figures.mjs';
import { openLoop, poissonSchedule } from './lib/open-loop.mjs';
import { freePorts, startApp, startProgram } from './lib/processes.mjs';
import { startBroker, startDatabase, startRedis, temporaryFolder } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { percentiles } from './lib/stats.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

const WARM_UP_S = 3;
const SETTLE_TIMEOUT_MS = 120_000;
/** Sustained: all is settled within this part of the run's length after the last message was due. More is a backlog that grew. */
const CAUGHT_UP_PART = 0.1;
/** Steps of the search for the highest sustained load, from the flooded capacity up or down. */
const UP = 1.25;
const DOWN = 0.8;
const MAX_STEPS = 8;
/** A load all of them carry, for latencies that can be compared: messages/s. */
const COMMON_RATE = 300;
const APPS = ['gateway', 'dispatcher', 'channel-worker', 'im-sync', 'reporting'];
const BODIES = 2000;

export const endToEnd = ({ seconds }) =>
  withStack(async (stack) => {
    const sink = stack.add(await startProgram('programs/sink.mjs', {}));
    const facts = [];
    const results = new Map();
    for (const [name, start] of [
      ['standalone, one process', startStandalone],
      ['distributed, five processes and RabbitMQ', startDistributed],
      ['Fastify + BullMQ worker, fsync always', startPeer],
    ]) {
      await withStack(async (own) => {
        const system = await start(own, sink.ready.url);
        if (!system) return;
        facts.push(...system.facts);
        console.log(`  ${name}`);
        results.set(name, await measure(system, sink, seconds));
      });
    }
    return { figures: figuresOf(results), facts: [...new Set(facts)] };
  });

async function startStandalone(stack, sinkUrl) {
  const { environment, ...rest } = await startCenter(stack, sinkUrl);
  const data = stack.add(temporaryFolder('standalone'));
  const [PORT] = await freePorts(1);
  stack.add(await startApp('standalone', { ...environment, PORT: String(PORT), DATA_DIR: data.folder }));
  return { ...rest, port: PORT };
}

async function startDistributed(stack, sinkUrl) {
  const broker = await startBroker();
  if (!broker) return null;
  stack.add(broker);
  const { environment, ...rest } = await startCenter(stack, sinkUrl);
  const [PORT] = await freePorts(1);
  const env = { ...environment, PORT: String(PORT), RABBITMQ_URL: broker.url };
  for (const app of APPS) stack.add(await startApp(app, env));
  return { ...rest, port: PORT };
}

async function startCenter(stack, sinkUrl) {
  const database = stack.add(await startDatabase());
  const { token, environment, query } = stack.add(await seedDirectory(database.url, sinkUrl));
  return {
    environment,
    path: sendPath(token),
    facts: [database.facts],
    /** Folded into the hourly report: the last step of a message's way. */
    async settled() {
      const [row] = await query(
        `SELECT coalesce(sum(count), 0)::int AS count FROM report_hour WHERE channel = 'webhook' AND status >= 20`,
      );
      return row.count;
    },
  };
}

async function startPeer(stack, sinkUrl) {
  const redis = await startRedis();
  if (!redis) return null;
  stack.add(redis);
  const api = stack.add(await startProgram('peers/fastify-bullmq.mjs', { REDIS_URL: redis.url }));
  const worker = stack.add(await startProgram('peers/bullmq-worker.mjs', { REDIS_URL: redis.url, SINK_URL: sinkUrl }));
  const settled = async () => (await worker.ask({ ask: 'settled' })).count;
  return { port: api.ready.port, path: '/msg/send', facts: [redis.facts], settled };
}

async function measure(system, sink, seconds) {
  await flood(system, sink, WARM_UP_S);
  const capacity = await flood(system, sink, seconds);
  console.log(`    flooded: ${Math.round(capacity)}/s accepted, delivered and settled`);
  const steady = await poisson(system, sink, COMMON_RATE, seconds);
  say(`    ${COMMON_RATE}/s offered`, steady);
  return { capacity, steady, sustained: await highestSustained(system, sink, capacity, seconds) };
}

/** Up while it is sustained, down until it is. Null where even the last step was too much. */
async function highestSustained(system, sink, capacity, seconds) {
  let best = null;
  let hasFailed = false;
  for (let step = 0, rate = capacity; step < MAX_STEPS; step++) {
    const run = await poisson(system, sink, rate, seconds);
    say(`    ${Math.round(rate)}/s offered`, run);
    if (run.isSustained) best = run;
    else hasFailed = true;
    if (best && hasFailed) return best;
    rate *= run.isSustained ? UP : DOWN;
  }
  return best;
}

const say = (what, { toSink, lag, lateMs, isSustained }) =>
  console.log(
    `${what}: to the sink p50 ${toSink.p50.toFixed(1)} ms, p99 ${toSink.p99.toFixed(1)} ms; settled ${Math.round(lateMs)} ms after the last; generator lag p99 ${lag.p99.toFixed(1)} ms; ${isSustained ? 'sustained' : 'not sustained'}`,
  );

/** As much as it accepts, then until all is settled: messages/s over the whole. */
async function flood(system, sink, seconds) {
  const before = await system.settled();
  const bodies = Array.from({ length: BODIES }, (_, n) => sendBody(n, 'webhook'));
  const startedAt = performance.now();
  const { answered, failed } = await closedLoop({ port: system.port, path: system.path, bodies, seconds });
  if (failed > 0) throw new Error(`${failed} of ${answered} calls failed`);
  // Calls that were under way at the end may have been accepted, too.
  await untilSettled(system, before + answered);
  const perSecond = answered / ((performance.now() - startedAt) / 1000);
  await sleep(500);
  await sink.ask({ ask: 'take' });
  return perSecond;
}

async function poisson(system, sink, perSecond, seconds) {
  const before = await system.settled();
  const schedule = poissonSchedule(perSecond, seconds);
  const sent = await openLoop({
    port: system.port,
    path: system.path,
    schedule,
    bodyOf: (n) => sendBody(n, 'webhook'),
  });
  if (sent.failed > 0) throw new Error(`${sent.failed} of ${schedule.length} calls failed`);
  await untilSettled(system, before + schedule.length);
  const lateMs = Number(process.hrtime.bigint()) / 1e6 - (sent.startedAt + schedule.at(-1));
  const { arrivals, repeated } = await sink.ask({ ask: 'take' });
  const numbers = arrivals.filter(([number]) => number < schedule.length);
  if (numbers.length < schedule.length) throw new Error(`${schedule.length - numbers.length} messages did not arrive`);
  const toSink = percentiles(
    numbers.map(([number, at]) => at - sent.startedAt - schedule[number]),
    [50, 99],
  );
  return {
    perSecond: schedule.length / seconds,
    toSink,
    accept: sent.accept,
    lag: sent.lag,
    lateMs,
    repeated,
    isSustained: lateMs <= CAUGHT_UP_PART * seconds * 1000,
  };
}

async function untilSettled(system, count) {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const settled = await system.settled();
    if (settled >= count) return;
    if (Date.now() > deadline)
      throw new Error(`${count - settled} messages were not settled within ${SETTLE_TIMEOUT_MS / 1000} s`);
    await sleep(25);
  }
}

function figuresOf(results) {
  const peer = [...results].find(([name]) => name.includes('BullMQ'));
  return [...results].flatMap(([name, { capacity, steady, sustained }]) => {
    const isPeer = name === peer?.[0];
    const baselines = (value, goal) => (peer && !isPeer ? [{ name: peer[0], value, goal }] : []);
    const label = `${isPeer ? 'peer: ' : ''}${name}`;
    const latency = ({ toSink, accept, lag }) => ({
      'p50 ms': toSink.p50,
      'p99 ms': toSink.p99,
      'accept p99 ms': accept.p99,
      'generator lag p99 ms': lag.p99,
    });
    const sustainedOf = (result) => result.sustained?.perSecond ?? NaN;
    return [
      figure(`${label}: sustained, open loop`, sustainedOf({ sustained }), 'messages/s', {
        details: sustained ? latency(sustained) : {},
        baselines: baselines(peer ? sustainedOf(peer[1]) : NaN, { atLeast: 1 }),
      }),
      figure(`${label}: flooded until settled`, capacity, 'messages/s', { baselines: baselines(peer?.[1].capacity) }),
      figure(`${label}: accept to sink at ${COMMON_RATE}/s, p99`, steady.toSink.p99, 'ms', {
        details: latency(steady),
        baselines: baselines(peer?.[1].steady.toSink.p99),
      }),
    ];
  });
}
