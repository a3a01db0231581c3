// The relay: messages and mailboxes a second through the door, against a handler that does one statement a call; and the cost of
// a mailbox, whatever number of people there are.
import { createHash } from 'node:crypto';
import { CONNECTIONS, closedLoop } from './lib/closed-loop.mjs';
import { seedDirectory } from './lib/directory.mjs';
import { bounded, figure } from './lib/figures.mjs';
import { startApp, startProgram } from './lib/processes.mjs';
import { addRelayPeople, adminToken, fillMailboxes, userToken } from './lib/relay-people.mjs';
import { startBroker, startDatabase } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';
import { inTurn } from './lib/turns.mjs';

const WARM_UP_S = 2;
/** Nobody is asked twice in one measurement: so many mailboxes for each second of it. */
const MAILBOXES_A_SECOND = 20_000;
const ADMINS = 50;
const POOL_SIZE = 10;
const BODY = JSON.stringify({ content: 'hello', nickname: 'Bench' });
const BARE = 'bare Fastify, one statement a call';
const ONE_PROCESS = 'gateway and im-sync in one process';
const RABBIT = 'gateway and im-sync over RabbitMQ';
const FEW = 1_000;
const MANY = 1_000_000;
/** Flat: a batch among many may take this much of one among few. */
const FLAT = 1.5;

export const relay = ({ seconds, rounds }) =>
  withStack(async (stack) => {
    const database = stack.add(await startDatabase());
    const { environment, query } = stack.add(await seedDirectory(database.url));
    const env = { ...environment, DATABASE_POOL_SIZE: String(POOL_SIZE) };
    const flatness = await statements(stack, env, query, seconds);

    const people = Math.max(seconds, WARM_UP_S) * MAILBOXES_A_SECOND;
    await query('TRUNCATE relay_identity');
    await addRelayPeople(query, { users: people, admins: ADMINS });
    const variants = await startVariants(stack, env, query);
    const runs = new Map();
    const run = async (name, call, s) => {
      const { port, fill } = variants.get(name);
      await fill(call === 'get' ? people : 0);
      return closedLoop({ port, seconds: s, ...CALLS[call](people) });
    };
    for (const name of variants.keys()) for (const call of ['set', 'get']) await run(name, call, WARM_UP_S);
    for (let round = 1; round <= rounds; round++) {
      for (const call of ['set', 'get']) {
        for (const name of inTurn(variants.keys(), round)) {
          const result = await run(name, call, seconds);
          if (result.failed > 0)
            throw new Error(`${call}, ${name}: ${result.failed} of ${result.answered} calls failed`);
          runs.set(`${call} ${name}`, [...(runs.get(`${call} ${name}`) ?? []), result]);
          console.log(
            `  round ${round}/${rounds}  ${call}, ${name}: ${Math.round(result.perSecond)}/s, p99 ${result.p99} ms`,
          );
        }
      }
    }
    const facts = [database.facts, `${CONNECTIONS} connections`, `${POOL_SIZE} database connections a process`];
    return { figures: [...figuresOf(runs, [...variants.keys()]), ...flatness], facts };
  });

const md5 = (text) => createHash('md5').update(text).digest('hex');
const path = (fields) => `/app/message?${new URLSearchParams({ type: 'message', ...fields })}`;

/** Every connection has people of its own. The bare handler reads `md5_id` alone; both get the same bytes. */
const CALLS = {
  set: (people) => ({
    accepted: '{"success":1}',
    requestsOf: (connection) =>
      ofConnection(connection, Math.min(people, 20_000), (n) => ({
        method: 'POST',
        path: path({ do: 'set', token: adminToken(n % ADMINS), md5_id: md5(userToken(n)) }),
        headers: { 'content-type': 'application/json' },
        body: BODY,
      })),
  }),
  get: (people) => ({
    accepted: '{"success":1,"data"',
    requestsOf: (connection) =>
      ofConnection(connection, people, (n) => ({
        method: 'GET',
        path: path({ do: 'get', token: userToken(n), md5_id: md5(userToken(n)) }),
      })),
  }),
};

const ofConnection = (connection, people, requestOf) =>
  Array.from({ length: Math.floor(people / CONNECTIONS) }, (_, k) => requestOf(connection + k * CONNECTIONS));

async function startVariants(stack, env, query) {
  const variants = new Map();
  const fill = (people) => fillMailboxes(query, people);
  const broker = await startBroker();
  if (broker) {
    stack.add(broker);
    const overRabbit = { ...env, RABBITMQ_URL: broker.url };
    stack.add(await startApp('im-sync', overRabbit));
    const { ready } = stack.add(await startProgram('peers/gateway.mjs', overRabbit));
    variants.set(RABBIT, { port: ready.port, fill });
  }
  const center = stack.add(await startProgram('programs/relay-center.mjs', env));
  variants.set(ONE_PROCESS, { port: center.ready.port, fill });
  await query(
    'CREATE TABLE bare_message (receiver text COLLATE "C", id bigint GENERATED ALWAYS AS IDENTITY, body json, PRIMARY KEY (receiver, id))',
  );
  const bare = stack.add(await startProgram('peers/relay-bare.mjs', env));
  variants.set(BARE, {
    port: bare.ready.port,
    async fill(people) {
      await fillMailboxes(query, people);
      await query('TRUNCATE bare_message');
      await query('INSERT INTO bare_message (receiver, body) SELECT receiver, body FROM relay_message');
      await query('TRUNCATE relay_message');
    },
  });
  return variants;
}

function figuresOf(runs, names) {
  const of = (call, name, key) => median(runs.get(`${call} ${name}`).map((run) => run[key]));
  const details = (call, name) => ({ 'p50 ms': of(call, name, 'p50'), 'p99 ms': of(call, name, 'p99') });
  return ['set', 'get'].flatMap((call) =>
    names
      .filter((name) => name !== BARE)
      .map((name, i) =>
        figure(`${call}, ${name}`, of(call, name, 'perSecond'), 'calls/s', {
          details: details(call, name),
          // The goal is that of the way the center runs in production.
          baselines: [{ name: BARE, value: of(call, BARE, 'perSecond'), ...(i === 0 && { goal: { atLeast: 1 } }) }],
        }),
      ),
  );
}

async function statements(stack, env, query, seconds) {
  const program = stack.add(await startProgram('programs/relay-statements.mjs', env));
  const measured = [];
  for (const users of [FEW, MANY]) {
    await addRelayPeople(query, { users, admins: ADMINS });
    await fillMailboxes(query, users);
    await query('VACUUM ANALYZE relay_identity, relay_message, relay_contact');
    await program.ask({ ask: 'measure', users, seconds: WARM_UP_S });
    measured.push(await program.ask({ ask: 'measure', users, seconds }));
    const { send, pull, batch } = measured.at(-1);
    console.log(
      `  ${users.toLocaleString('en-US')} users: ${batch} sends ${send.toFixed(2)} ms, ${batch} pulls ${pull.toFixed(2)} ms`,
    );
  }
  const [few, many] = measured;
  return ['send', 'pull'].map((name) =>
    bounded(
      `${name}, ${MANY.toLocaleString('en-US')} users against ${FEW.toLocaleString('en-US')}`,
      many[name] / few[name],
      '×',
      { atMost: FLAT },
      {
        [`ms a batch of ${few.batch}, few`]: few[name],
        'ms, many': many[name],
      },
    ),
  );
}
