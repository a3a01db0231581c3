// (b) One message to a tag of many people, channel portal, against the bare INSERT of the same rows.
import { addPeople, seedDirectory } from './lib/directory.mjs';
import { bounded, figure } from './lib/figures.mjs';
import { startProgram } from './lib/processes.mjs';
import { startDatabase } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';

const MAX_HEAP_MIB = 300;
/** Flat: the largest tag may cost this much more a recipient than the one of the middle. */
const FLAT = 1.25;

const BARE = [
  `INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, delivered_at, settled_at, inbox_state)
   SELECT gen, (row_number() OVER (ORDER BY tm.user_id) - 1)::int * 16, 40, false, 'portal', tm.user_id, tm.user_id,
          gen_random_uuid(), now(), now(), 2
     FROM (SELECT $2::uuid AS gen) g CROSS JOIN tag_member tm
    WHERE tm.tag_id = $1 AND tm.removed_at IS NULL ORDER BY tm.user_id`,
];

export const fanOut = ({ recipients, rounds }) =>
  withStack(async (stack) => {
    const database = stack.add(await startDatabase());
    const { environment, query } = stack.add(await seedDirectory(database.url));
    console.log(`  filling tags with ${recipients.map((size) => size.toLocaleString('en-US')).join(', ')} people`);
    await addPeople(query, Math.max(...recipients));
    const tags = new Map();
    for (const size of recipients) tags.set(size, await makeTag(query, size));
    const one = await makeTag(query, 1);
    await query('VACUUM ANALYZE');
    const dispatcher = stack.add(await startProgram('programs/fan-out.mjs', environment));

    const both = (size) => bothOf(query, dispatcher, one, tags.get(size), size);
    await both(Math.min(...recipients)); // warm-up
    const figures = [];
    const costs = new Map();
    let heapMiB = 0;
    for (const size of tags.keys()) {
      const runs = [];
      // Small ones are quick and noisy: more of them.
      const repetitions = size <= 10_000 ? rounds * 5 : rounds;
      for (let round = 1; round <= repetitions; round++) {
        const run = await both(size);
        runs.push(run);
        heapMiB = Math.max(heapMiB, run.heapMiB);
        if (size > 10_000)
          console.log(
            `  ${size.toLocaleString('en-US')} people, round ${round}/${repetitions}: ${Math.round(run.oursMs)} ms, bare INSERT ${Math.round(run.bareMs)} ms`,
          );
      }
      const oursMs = median(runs.map((run) => run.oursMs));
      const bareMs = median(runs.map((run) => run.bareMs));
      costs.set(size, (oursMs / size) * 1000);
      figures.push(
        figure(`fan-out to ${size.toLocaleString('en-US')} people`, oursMs, 'ms', {
          details: { 'recipients/s': (size / oursMs) * 1000, 'µs a recipient': costs.get(size) },
          baselines: [{ name: 'bare SQL INSERT of the same rows', value: bareMs, goal: { atMost: 1.3 } }],
        }),
      );
    }
    figures.push(bounded('heap of the fanning-out process, peak', heapMiB, 'MiB', { atMost: MAX_HEAP_MIB }));
    if (tags.size > 1) figures.push(flatness(costs));
    return { figures, facts: [database.facts, 'tables emptied and checkpointed before every measurement'] };
  });

function flatness(costs) {
  const [largest, before] = [...costs.entries()].sort(([a], [b]) => b - a);
  return bounded('cost a recipient, largest tag against the next smaller', largest[1] / before[1], '×', {
    atMost: FLAT,
  });
}

async function makeTag(query, size) {
  const [{ id }] = await query(`INSERT INTO tag (app_id, name) VALUES ('bench', $1) RETURNING id`, [`of ${size}`]);
  await query(
    `INSERT INTO tag_member (tag_id, user_id, added_at)
     SELECT $1, user_id, now() - interval '1 day' FROM recipient ORDER BY user_id LIMIT $2`,
    [id, size],
  );
  return Number(id);
}

/** Emptying the tables throws away every plan: both make theirs anew by sending to `one` person first, as in a process that is running. */
async function bothOf(query, dispatcher, one, tagId, size) {
  await empty(query);
  const { messageId: first } = await dispatcher.ask({ ask: 'fanOut', tagId: one });
  const { messageId, ms: oursMs, heapMiB } = await dispatcher.ask({ ask: 'fanOut', tagId });
  const [row] = await query('SELECT count(*)::int AS count FROM delivery WHERE message_id = $1', [messageId]);
  if (row.count !== size) throw new Error(`${row.count} deliveries for ${size} people`);
  await empty(query);
  for (const sql of BARE) await query(sql, [one, first]);
  const startedAt = performance.now();
  for (const sql of BARE) await query(sql, [tagId, messageId]);
  return { oursMs, heapMiB, bareMs: performance.now() - startedAt };
}

async function empty(query) {
  await query('TRUNCATE message, message_state, work, settlement, delivery');
  await query('CHECKPOINT').catch(() => undefined); // not everybody may on a server of one's own
}
