// The IM door: messages and pages a second, against a handler that only reads the body, one that does one statement a call, and
// the statements alone; and one message to 10,000 people against one bare statement.
import { closedLoop } from './lib/closed-loop.mjs';
import { seedDirectory } from './lib/directory.mjs';
import { figure } from './lib/figures.mjs';
import { BARE_TABLES } from './lib/im-statements.mjs';
import { startApp, startProgram } from './lib/processes.mjs';
import { startBroker, startDatabase } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';
import { inTurn } from './lib/turns.mjs';

const WARM_UP_S = 2;
const POOL_SIZE = 10;
const CONNECTIONS = [16, 64];
const CHANNELS = 1000;
const PAGE_OF = 20;
const RECIPIENTS = 10_000;
/** More parts of logs than one connection asks for in one measurement. */
const NEW_PAGES = 1000;
const PAYLOAD = 'eyJ0eXBlIjoxLCJjb250ZW50IjoiaGVsbG8ifQ==';
const BARE = 'bare Nest + Fastify, same reading of the body, nothing stored';
const ONE_STATEMENT = 'the same with one statement a call';
const SQL = 'the statements alone, through pg';
const ONE_PROCESS = 'gateway and im-sync in one process';
const RABBIT = 'gateway and im-sync over RabbitMQ';
const OURS = [RABBIT, ONE_PROCESS];

export const im = ({ seconds, rounds }) =>
  withStack(async (stack) => {
    const database = stack.add(await startDatabase());
    const { environment, query } = stack.add(await seedDirectory(database.url));
    await query(BARE_TABLES);
    for (const statement of FILL) await query(statement, [PAYLOAD]);
    await query('VACUUM ANALYZE im_message, im_channel, bare_channel, bare_im_message');
    const env = { ...environment, DATABASE_POOL_SIZE: String(POOL_SIZE) };
    const ports = await startVariants(stack, env);
    const sql = stack.add(await startProgram('programs/im-bare-sql.mjs', env));

    const runs = new Map();
    const note = (name, result) => {
      runs.set(name, [...(runs.get(name) ?? []), result]);
      console.log(
        `  ${name}: ${Math.round(result.perSecond)}/s${result.p99 === undefined ? '' : `, p99 ${result.p99} ms`}`,
      );
    };
    for (const port of ports.values()) for (const call of ['send', 'sync']) await load(call, port, WARM_UP_S, 64);
    for (let round = 1; round <= rounds; round++) {
      for (const call of ['send', 'sync']) {
        for (const connections of CONNECTIONS) {
          for (const [name, port] of inTurn([...ports, [SQL, null]], round)) {
            const measured = port
              ? load(call, port, seconds, connections)
              : sql.ask({ ask: 'run', call, sessions: connections, seconds });
            note(`${call} ${connections} ${name}`, await measured);
          }
        }
      }
      for (const [name, port] of ports) note(`new 64 ${name}`, await load('new', port, seconds, 64));
      for (const name of OURS.filter((one) => ports.has(one))) note(`batch ${name}`, await batches(ports.get(name)));
      note(`batch ${SQL}`, await sql.ask({ ask: 'many', recipients: RECIPIENTS, rounds: 3 }));
    }
    const facts = [
      database.facts,
      `${POOL_SIZE} database connections a process`,
      `${CHANNELS} channels, pages of ${PAGE_OF}`,
    ];
    return { figures: figuresOf(runs, ports), facts };
  });

async function startVariants(stack, env) {
  const ports = new Map();
  const broker = await startBroker();
  if (broker) {
    stack.add(broker);
    const overRabbit = { ...env, RABBITMQ_URL: broker.url };
    stack.add(await startApp('im-sync', overRabbit));
    ports.set(RABBIT, stack.add(await startProgram('peers/gateway.mjs', overRabbit)).ready.port);
  }
  ports.set(ONE_PROCESS, stack.add(await startProgram('programs/relay-center.mjs', env)).ready.port);
  ports.set(ONE_STATEMENT, stack.add(await startProgram('peers/im-bare.mjs', { ...env, STORES: 'on' })).ready.port);
  ports.set(BARE, stack.add(await startProgram('peers/im-bare.mjs', env)).ready.port);
  return ports;
}

const numbered = (body) => Array.from({ length: CHANNELS }, (_, n) => JSON.stringify(body(n)));
const CALLS = {
  send: {
    path: '/message/send',
    accepted: '{"data":{',
    bodies: numbered((n) => ({
      header: { red_dot: 1 },
      from_uid: 'u1',
      channel_id: `g${n}`,
      channel_type: 2,
      payload: PAYLOAD,
    })),
  },
  sync: {
    path: '/channel/messagesync',
    accepted: '{"start_message_seq":0,"end_message_seq":0,"more":1,',
    bodies: numbered((n) => ({ login_uid: 'u1', channel_id: `g${n}`, channel_type: 2, limit: PAGE_OF, pull_mode: 1 })),
  },
};

/** Parts that nobody asked for before: where they end is another place beyond the end of the log each time. */
let newPages = 0;
function newPage() {
  const end_message_seq = 1000 + newPages++;
  const channel = { channel_id: `g${newPages % CHANNELS}`, channel_type: 2 };
  return JSON.stringify({
    login_uid: 'u1',
    ...channel,
    start_message_seq: 1,
    end_message_seq,
    limit: PAGE_OF,
    pull_mode: 1,
  });
}
const JSON_TYPE = { 'content-type': 'application/json' };
CALLS.new = {
  path: CALLS.sync.path,
  accepted: '{"start_message_seq":1,',
  requestsOf: () =>
    Array.from({ length: NEW_PAGES }, () => ({
      method: 'POST',
      path: CALLS.sync.path,
      body: newPage(),
      headers: JSON_TYPE,
    })),
};

async function load(call, port, seconds, connections) {
  const result = await closedLoop({ port, seconds, connections, ...CALLS[call] });
  if (result.failed > 0) throw new Error(`${call}: ${result.failed} of ${result.answered} calls failed`);
  return result;
}

/** A page of every channel; `$1` the payload. */
const FILL = [
  `WITH c AS (
     INSERT INTO im_channel (channel_id, channel_type, last_seq, red_total)
     SELECT 'g' || n, 2, ${PAGE_OF}, ${PAGE_OF} FROM generate_series(0, ${CHANNELS - 1}) n RETURNING channel_key, channel_id)
   INSERT INTO im_message (channel_key, seq, message_id, client_msg_no, has_red_dot, setting, from_uid, channel_id, channel_type,
                           expire, sent_at, red_total, payload)
   SELECT c.channel_key, seq, 2127118756168597504 + seq, '7cec731e722c49b6a5fa8360034f3d310', true, 0, 'u1', c.channel_id, 2,
          0, now(), seq, decode($1, 'base64')
     FROM c CROSS JOIN generate_series(1, ${PAGE_OF}) seq`,
  `WITH c AS (
     INSERT INTO bare_channel (id, last_seq) SELECT 'g' || n, ${PAGE_OF} FROM generate_series(0, ${CHANNELS - 1}) n RETURNING id)
   INSERT INTO bare_im_message (channel_id, seq, from_uid, payload)
   SELECT c.id, seq, 'u1', decode($1, 'base64') FROM c CROSS JOIN generate_series(1, ${PAGE_OF}) seq`,
];

async function batches(port) {
  const subscribers = Array.from({ length: RECIPIENTS }, (_, n) => `many${n}`);
  const body = JSON.stringify({ header: { red_dot: 1 }, from_uid: 'system', subscribers, payload: PAYLOAD });
  const startedAt = performance.now();
  for (let round = 0; round < 3; round++) await post(port, '/message/sendbatch', body);
  return { perSecond: (3 * RECIPIENTS * 1000) / (performance.now() - startedAt) };
}

async function post(port, path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  await answer.text();
}

function figuresOf(runs, ports) {
  const of = (name, key = 'perSecond') => median(runs.get(name).map((run) => run[key]));
  const ours = OURS.filter((name) => ports.has(name));
  const calls = ['send', 'sync'].flatMap((call) =>
    CONNECTIONS.flatMap((connections) => {
      const at = (name, key) => of(`${call} ${connections} ${name}`, key);
      const what = call === 'sync' ? 'sync, pages that others asked for too' : call;
      return ours.map((name) =>
        figure(`${what}, ${connections} connections, ${name}`, at(name), 'calls/s', {
          details: { 'p50 ms': at(name, 'p50'), 'p99 ms': at(name, 'p99') },
          baselines: [
            { name: BARE, value: at(BARE), goal: { atLeast: call === 'send' ? 0.7 : 0.8 } },
            { name: ONE_STATEMENT, value: at(ONE_STATEMENT) },
            { name: SQL, value: at(SQL) },
          ],
        }),
      );
    }),
  );
  const fresh = ours.map((name) =>
    figure(`sync, pages that nobody asked for before, 64 connections, ${name}`, of(`new 64 ${name}`), 'calls/s', {
      details: { 'p50 ms': of(`new 64 ${name}`, 'p50'), 'p99 ms': of(`new 64 ${name}`, 'p99') },
      baselines: [BARE, ONE_STATEMENT].map((peer) => ({ name: peer, value: of(`new 64 ${peer}`) })),
    }),
  );
  const batch = ours.map((name) =>
    figure(`batch to ${RECIPIENTS.toLocaleString('en-US')}, ${name}`, of(`batch ${name}`), 'rows/s', {
      baselines: [{ name: SQL, value: of(`batch ${SQL}`), goal: { atLeast: 0.5 } }],
    }),
  );
  return [...calls, ...fresh, ...batch];
}
