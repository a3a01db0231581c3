// Our own adapter, as a channel worker drives it: several batches under way, one connection.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/project.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const { MqttFactory } = await import(join(ROOT, 'dist/libs/providers/src/index.js'));

/** Batches under way at the same time: while one ends, the next fills the window. */
const BATCHES = 3;

const provider = new MqttFactory({ take: () => Promise.resolve() }, 'bench').create({
  id: 'push:bench',
  channel: 'push',
  provider: 'mqtt',
  settings: {
    url: process.env.MQTT_URL,
    username: 'center',
    password: process.env.MQTT_PASSWORD,
    window: Number(process.env.MQTT_WINDOW),
    acks: 'none',
  },
});
onTerm(() => provider.close());
serveQuestions(true, { run });

async function run({ count, title }) {
  const signal = new AbortController().signal;
  let next = 0;
  let failed = 0;
  const batches = async () => {
    while (next < count) {
      const size = Math.min(provider.maxBatch, count - next);
      const batch = Array.from({ length: size }, () => ({
        ref: randomBytes(26).toString('base64url'),
        address: `dev-${next++}`,
        content: { payload: { display: 'notification', title } },
        attempt: 1,
      }));
      const outcomes = await provider.send(batch, signal);
      failed += outcomes.filter((outcome) => outcome.class !== 'ok').length;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: BATCHES }, batches));
  if (failed > 0) throw new Error(`${failed} of ${count} messages failed`);
  return { perSecond: (count / (performance.now() - startedAt)) * 1000 };
}
