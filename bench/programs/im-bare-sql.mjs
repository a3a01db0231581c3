// The statements of `im-statements` on so many sessions at once, and nothing else.
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { APPEND, APPEND_MANY, PAGE } from '../lib/im-statements.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const PAYLOAD = 'eyJ0eXBlIjoxLCJjb250ZW50IjoiaGVsbG8ifQ==';
const CHANNELS = 1000;
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 64 });

/** Statements a second. */
async function run({ call, sessions, seconds }) {
  const until = performance.now() + seconds * 1000;
  const startedAt = performance.now();
  let done = 0;
  const valuesOf = {
    send: (n) => ({ ...APPEND, values: [`g${n % CHANNELS}`, 'u1', PAYLOAD] }),
    sync: (n) => ({ ...PAGE, values: [`g${n % CHANNELS}`, 20] }),
  }[call];
  await Promise.all(
    Array.from({ length: sessions }, async (_, session) => {
      for (let n = session; performance.now() < until; n += sessions) {
        await pool.query(valuesOf(n));
        done++;
      }
    }),
  );
  return { perSecond: (done * 1000) / (performance.now() - startedAt) };
}

/** Rows a second of one statement for many. */
async function many({ recipients, rounds }) {
  const ids = Array.from({ length: recipients }, (_, n) => `many${n}`);
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) await pool.query({ ...APPEND_MANY, values: [ids, 'system', PAYLOAD] });
  return { perSecond: (recipients * rounds * 1000) / (performance.now() - startedAt) };
}

onTerm(() => pool.end());
serveQuestions({}, { run, many });
