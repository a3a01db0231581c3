// Our own adapter, as a channel worker drives it: several batches under way, one session.
import 'reflect-metadata';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/project.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const { SmppFactory } = await import(join(ROOT, 'dist/libs/providers/src/index.js'));

/** Batches under way at the same time: while one ends, the next fills the window. */
const BATCHES = 3;

const provider = new SmppFactory({ take: () => Promise.resolve() }).create({
  id: 'sms:bench',
  channel: 'sms',
  provider: 'smpp',
  settings: {
    host: '127.0.0.1',
    port: Number(process.env.SMPP_PORT),
    systemId: 'bench',
    password: 'bench',
    sourceAddr: '1069',
    window: Number(process.env.SMPP_WINDOW),
  },
});
onTerm(() => provider.close());
serveQuestions(true, { run });

async function run({ seconds, text }) {
  const signal = new AbortController().signal;
  const until = performance.now() + seconds * 1000;
  let sent = 0;
  let failed = 0;
  let number = 0;
  const batches = async () => {
    while (performance.now() < until) {
      const batch = Array.from({ length: provider.maxBatch }, () => ({
        ref: `bench-${++number}`,
        address: `138${String(number % 1e8).padStart(8, '0')}`,
        content: { text },
        attempt: 1,
      }));
      const outcomes = await provider.send(batch, signal);
      const ok = outcomes.filter((outcome) => outcome.class === 'ok').length;
      sent += ok;
      failed += outcomes.length - ok;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: BATCHES }, batches));
  return { perSecond: (sent / (performance.now() - startedAt)) * 1000, failed };
}
