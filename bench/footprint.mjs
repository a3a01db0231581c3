// (d) What the processes cost before the first message: time to readiness and resident memory.
import { figure } from './lib/figures.mjs';
import { seedDirectory } from './lib/directory.mjs';
import { freePorts, startApp } from './lib/processes.mjs';
import { startBroker, startDatabase, temporaryFolder } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

const APPS = ['gateway', 'dispatcher', 'channel-worker', 'im-sync', 'reporting'];
/** Memory is read this long after the start. */
const CALM_MS = 2000;

export const footprint = ({ rounds }) =>
  withStack(async (stack) => {
    const database = stack.add(await startDatabase());
    const { environment } = stack.add(await seedDirectory(database.url));
    const broker = await startBroker();
    if (broker) stack.add(broker);
    const figures = [];
    const one = async (name, env) => {
      const starts = [];
      let rss = NaN;
      for (let round = 0; round < rounds; round++) {
        const [port] = await freePorts(1);
        const app = await startApp(name, { ...environment, ...env, PORT: String(port) });
        starts.push(app.startMs);
        await sleep(CALM_MS);
        rss = app.rss();
        await app.stop();
      }
      console.log(`  ${name}: ready in ${Math.round(median(starts))} ms, ${rss} MiB`);
      figures.push(figure(`${name}: start to ready`, median(starts), 'ms', { details: { 'resident MiB': rss } }));
    };
    const data = stack.add(temporaryFolder('standalone'));
    await one('standalone', { DATA_DIR: data.folder });
    if (broker) for (const app of APPS) await one(app, { RABBITMQ_URL: broker.url });
    return { figures, facts: [database.facts, 'the database runs already; its schema is migrated'] };
  });
