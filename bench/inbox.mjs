// Counting and paging an inbox through the platform door, against the bare SQL by index, whatever number of rows there are.
import pg from 'pg';
import { Pool } from 'undici';
import { seedDirectory, userId } from './lib/directory.mjs';
import { bounded, figure } from './lib/figures.mjs';
import { fixedConcurrency } from './lib/fixed-concurrency.mjs';
import { COUNT, LIST, PAGE } from './lib/inbox-statements.mjs';
import { addPastPartitions, fillInboxes } from './lib/inboxes.mjs';
import { startProgram } from './lib/processes.mjs';
import { startDatabase } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';
import { inTurn } from './lib/turns.mjs';

/** Few: what is compared are latencies, not how many calls the cores can take. */
const CONCURRENCY = 2;
const WARM_UP_S = 2;
/** Of the bare SQL's p99. */
const AT_MOST = 2;
/** Flat: the p99 of the most rows may be this much more than that of the fewest. */
const FLAT = 1.5;
/** Next person of a series that meets everybody once, in no order: prime. */
const STRIDE = 7919;

export const inbox = ({ seconds, rounds, rows: sizes }) =>
  withStack(async (stack) => {
    const database = stack.add(await startDatabase());
    const { token, environment, query } = stack.add(await seedDirectory(database.url));
    await query(`UPDATE client_app SET features = '{user-list,user-count}' WHERE app_id = 'bench'`);
    const fromMs = await addPastPartitions(query);
    const gateway = stack.add(await startProgram('peers/gateway.mjs', environment));
    const http = stack.add(overHttp(gateway.ready.port, token));
    const peer = stack.add(await startProgram('peers/inbox-bare.mjs', environment));
    const bareHttp = stack.add(overHttp(peer.ready.port, token));
    const sql = stack.add(overSql(database.url));

    const figures = [];
    const p99 = new Map();
    for (const size of [...sizes].sort((a, b) => a - b)) {
      const people = await fillInboxes(query, size, fromMs);
      let met = 0;
      const next = () => userId((met++ * STRIDE) % people);
      await compare(http, sql, next());
      const calls = (what) => ({
        ours: () => http[what](next()),
        bare: () => sql[what](next()),
        bareHttp: () => bareHttp[what](next()),
      });
      const variants = {
        'user/count': calls('count'),
        'user/list': calls('list'),
      };
      for (const [name, variant] of Object.entries(variants)) {
        const measured = await inTurns(variant, { seconds, rounds });
        const found = figureOf(`${name} p99 at ${size.toLocaleString('en-US')} inbox rows`, measured);
        console.log(`  ${found.name}: ${found.value.toFixed(2)} ms, bare SQL ${found.against[0].value.toFixed(2)} ms`);
        p99.set(name, [...(p99.get(name) ?? []), found.value]);
        figures.push(found);
      }
    }
    if (sizes.length > 1) {
      for (const [name, values] of p99) {
        figures.push(
          bounded(`${name} p99, most rows against fewest`, values.at(-1) / values[0], '×', { atMost: FLAT }),
        );
      }
    }
    return { figures, facts: [database.facts, `${CONCURRENCY} callers, closed loop`, `pages of ${PAGE}`] };
  });

function figureOf(name, { ours, bare, bareHttp }) {
  const of = (runs, key) => median(runs.map((run) => run[key]));
  return figure(name, of(ours, 'p99'), 'ms', {
    details: { 'p50 ms': of(ours, 'p50'), 'calls/s': of(ours, 'perSecond'), 'bare SQL p50 ms': of(bare, 'p50') },
    baselines: [
      { name: 'bare SQL by index', value: of(bare, 'p99'), goal: { atMost: AT_MOST } },
      { name: 'the bare SQL behind bare Fastify', value: of(bareHttp, 'p99') },
    ],
  });
}

/** Ours and the bare SQL alternate: whatever else the machine does meanwhile hits both alike. */
async function inTurns(calls, { seconds, rounds }) {
  const runs = Object.fromEntries(Object.keys(calls).map((key) => [key, []]));
  for (const call of Object.values(calls))
    await fixedConcurrency({ concurrency: CONCURRENCY, seconds: WARM_UP_S, call });
  for (let round = 1; round <= rounds; round++) {
    for (const [key, call] of inTurn(Object.entries(calls), round)) {
      runs[key].push(await fixedConcurrency({ concurrency: CONCURRENCY, seconds, call }));
    }
  }
  return runs;
}

/** The same rows on both ways, or the comparison says nothing. */
async function compare(http, sql, person) {
  const [{ resultData: page }, rows] = [JSON.parse(await http.list(person)), await sql.list(person)];
  const titles = page.msglist.map(({ title }) => title).join();
  if (titles === '' || titles !== rows.map(({ title }) => title).join() || page.total !== Number(rows[0].total)) {
    throw new Error(`user/list and the bare SQL answer different pages of ${person}`);
  }
  const { resultData: counts } = JSON.parse(await http.count(person));
  if (counts.total !== (await sql.count(person)).reduce((sum, { n }) => sum + n, 0)) {
    throw new Error(`user/count and the bare SQL count differently for ${person}`);
  }
}

/** How an answer begins that is no refusal. */
const DONE = '{"rspCode":"000000",';

/** By undici's lowest call: what a client costs counts with the call, and `pg` on the other side costs about as much as this. */
function overHttp(port, token) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONCURRENCY, pipelining: 1 });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const call = (path, fields) =>
    new Promise((resolve, reject) => {
      const chunks = [];
      pool.dispatch(
        { method: 'POST', path, body: `token=${token}&${fields}`, headers },
        {
          onRequestStart: () => undefined,
          onResponseStart: () => undefined,
          onResponseData: (_controller, chunk) => chunks.push(chunk),
          onResponseEnd() {
            const text = Buffer.concat(chunks).toString();
            if (text.startsWith(DONE)) resolve(text);
            else reject(new Error(`${path} answered ${text}`));
          },
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  return {
    count: (account) => call('/api/message/user/count', `account=${account}`),
    list: (account) => call('/api/message/user/list', `account=${account}&page=1&size=${PAGE}`),
    stop: () => pool.close(),
  };
}

function overSql(url) {
  const pool = new pg.Pool({ connectionString: url, max: CONCURRENCY });
  pool.on('error', (error) => console.error(error.message));
  const run = async (statement, person) => (await pool.query({ ...statement, values: [person] })).rows;
  return {
    count: (person) => run(COUNT, person),
    list: (person) => run(LIST, person),
    stop: () => pool.end(),
  };
}
