// (a) How many messages a second are accepted: checked, committed to disk, answered. Nobody consumes meanwhile.
import { CONNECTIONS, closedLoop } from './lib/closed-loop.mjs';
import { seedDirectory, sendBody, sendPath } from './lib/directory.mjs';
import { figure } from './lib/figures.mjs';
import { startProgram } from './lib/processes.mjs';
import { startBroker, startDatabase, startRedis } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';
import { inTurn } from './lib/turns.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

const WARM_UP_S = 2;
/** Calls that were under way when a load ended are through by then: they and the emptying of the tables would wait for each other. */
const PAUSE_MS = 250;
const BODIES = Array.from({ length: 1000 }, (_, n) => sendBody(n, 'sms'));
const OURS = 'accepted, RabbitMQ';
const OURS_ALONE = 'accepted, in-process doorbell';
const BARE = 'bare Fastify + ajv, stores nothing';
const QUEUE = 'Fastify + BullMQ add, fsync always';
const EACH = 'the same without group commit';

/** @returns {Promise<{ figures: object[], facts: string[] }>} */
export const accept = ({ seconds, rounds }) =>
  withStack(async (stack) => {
    const database = stack.add(await startDatabase());
    const { token, environment, query } = stack.add(await seedDirectory(database.url));
    const broker = await startBroker();
    if (broker) stack.add(broker);
    const redis = await startRedis();
    if (redis) stack.add(redis);
    const start = async (path, env) => stack.add(await startProgram(path, env));

    const variants = new Map();
    const add = (name, program, path, forget) => variants.set(name, { program, path, forget, runs: [] });
    const forgetMessages = () => query('TRUNCATE message, message_state, work, settlement, idempotency_key');
    const gateway = async (name, env) =>
      add(name, await start('peers/gateway.mjs', { ...environment, ...env }), sendPath(token), forgetMessages);
    if (broker) await gateway(OURS, { RABBITMQ_URL: broker.url });
    await gateway(OURS_ALONE, {});
    await gateway(EACH, { COMMIT_EACH: 'on' });
    add(BARE, await start('peers/fastify-bare.mjs', {}), '/msg/send');
    if (redis) {
      const peer = await start('peers/fastify-bullmq.mjs', { REDIS_URL: redis.url });
      add(QUEUE, peer, '/msg/send', () => peer.ask({ ask: 'forget' }));
    }

    const load = ({ program, path }, s) => closedLoop({ port: program.ready.port, path, bodies: BODIES, seconds: s });
    for (const variant of variants.values()) await load(variant, WARM_UP_S);
    // In turns: whatever else the machine does meanwhile hits all of them alike.
    for (let round = 1; round <= rounds; round++) {
      for (const [name, variant] of inTurn(variants, round)) {
        await sleep(PAUSE_MS);
        await variant.forget?.();
        const run = await load(variant, seconds);
        if (run.failed > 0) throw new Error(`${name}: ${run.failed} of ${run.answered} calls failed`);
        variant.runs.push(run);
        console.log(`  round ${round}/${rounds}  ${name}: ${Math.round(run.perSecond)}/s, p99 ${run.p99} ms`);
      }
    }
    return {
      figures: figuresOf(variants),
      facts: [database.facts, ...(redis ? [redis.facts] : []), `${CONNECTIONS} connections`],
    };
  });

function figuresOf(variants) {
  const of = (name, key) => median(variants.get(name).runs.map((run) => run[key]));
  const baseline = (name, goal) => (variants.has(name) ? [{ name, value: of(name, 'perSecond'), goal }] : []);
  const details = (name) => ({ 'p50 ms': of(name, 'p50'), 'p99 ms': of(name, 'p99') });
  const main = variants.has(OURS) ? OURS : OURS_ALONE;
  const figures = [
    figure(main, of(main, 'perSecond'), 'messages/s', {
      details: details(main),
      baselines: [...baseline(BARE, { atLeast: 0.6 }), ...baseline(QUEUE, { atLeast: 1 })],
    }),
    // Without a broker in between: what is compared is the commit alone.
    figure(OURS_ALONE, of(OURS_ALONE, 'perSecond'), 'messages/s', {
      details: details(OURS_ALONE),
      baselines: baseline(EACH, { atLeast: 2.5 }),
    }),
  ];
  const peers = [BARE, QUEUE, EACH].filter((name) => variants.has(name));
  return [
    ...figures,
    ...peers.map((name) => figure(`peer: ${name}`, of(name, 'perSecond'), 'messages/s', { details: details(name) })),
  ];
}
