// Peer: an API that puts every message into a BullMQ queue before it answers.
import { Queue } from 'bullmq';
import { onTerm, serveQuestions } from '../lib/program.mjs';
import { listen } from './http-api.mjs';
import { QUEUE, connection } from './bullmq-queue.mjs';

const queue = new Queue(QUEUE, { connection: connection() });
await queue.waitUntilReady();
const options = { removeOnComplete: true, attempts: 5, backoff: { type: 'exponential', delay: 1000 } };
const api = await listen((body, id) => queue.add('send', body, { ...options, jobId: id }));
onTerm(async () => {
  await api.close();
  await queue.close();
});
serveQuestions({ port: api.port }, { forget: () => queue.obliterate({ force: true }) });
