// Peer: a BullMQ worker that posts each message to the sink. No ledger, no report, no content: the least such a worker does.
import { Worker } from 'bullmq';
import { Pool } from 'undici';
import { onTerm, serveQuestions } from '../lib/program.mjs';
import { QUEUE, connection } from './bullmq-queue.mjs';

/** As many calls under way as our webhook channel has. */
const CONCURRENCY = 50;

const sink = new URL(process.env.SINK_URL);
const pool = new Pool(sink.origin, { connections: CONCURRENCY, pipelining: 1 });
let settled = 0;
const worker = new Worker(
  QUEUE,
  async ({ id, data }) => {
    const body = JSON.stringify({
      type: 'message',
      data: { ref: id, title: 'Bench', text: `Message ${data.params.n}` },
    });
    const answer = await pool.request({
      method: 'POST',
      path: sink.pathname,
      body,
      headers: { 'content-type': 'application/json' },
    });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`the sink answered ${answer.statusCode}`);
  },
  { connection: connection(), concurrency: CONCURRENCY },
);
worker.on('completed', () => settled++);
worker.on('error', (error) => console.error(error));
await worker.waitUntilReady();
onTerm(async () => {
  await worker.close();
  await pool.close();
});
serveQuestions(true, { settled: () => ({ count: settled }) });
