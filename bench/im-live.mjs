// Instant messages in real time: one channel with 5,000 members who are all connected to one process, against a bare WebSocket
// server that sends the same frame to all; and what a connection that says nothing costs.
import { setTimeout as sleep } from 'node:timers/promises';
import { seedDirectory } from './lib/directory.mjs';
import { figure } from './lib/figures.mjs';
import { freePorts, startProgram } from './lib/processes.mjs';
import { startDatabase } from './lib/servers.mjs';
import { withStack } from './lib/stack.mjs';
import { median } from './lib/stats.mjs';

const MEMBERS = 5000;
/** Messages under way at a time in the closed loop, and messages a second where the delay is measured. */
const UNDER_WAY = 4;
const PACE = 2;
const CALM_MS = 3000;
const CHANNEL = { channel_id: 'hall', channel_type: 2 };
const PAYLOAD = Buffer.from(JSON.stringify({ type: 1, content: 'hello' })).toString('base64');
const OURS = 'gateway and im-sync in one process';
const BARE = 'bare ws, the same frame to all, nothing stored';

export const imLive = ({ seconds, rounds }) =>
  withStack(async (stack) => {
    const database = stack.add(await startDatabase());
    const { environment } = stack.add(await seedDirectory(database.url));
    const runs = new Map();
    const note = (name, value) => runs.set(name, [...(runs.get(name) ?? []), value]);
    for (let round = 1; round <= rounds; round++) {
      for (const name of [OURS, BARE]) {
        const result = await withStack((own) => measure(own, name, environment, seconds));
        Object.entries(result).forEach(([key, value]) => note(`${name} ${key}`, value));
        console.log(
          `  ${name}: ${Math.round(result.perSecond).toLocaleString('en-US')} received/s, p99 ${result.p99} ms, ${result.kib.toFixed(1)} KiB a connection`,
        );
      }
    }
    const of = (name, key) => median(runs.get(`${name} ${key}`));
    const against = (key) => [{ name: BARE, value: of(BARE, key) }];
    const members = `${MEMBERS.toLocaleString('en-US')} members`;
    const figures = [
      figure(`received, ${members}, ${UNDER_WAY} messages under way`, of(OURS, 'perSecond'), 'receipts/s', {
        details: { 'messages/s': of(OURS, 'perSecond') / MEMBERS },
        baselines: against('perSecond'),
      }),
      figure(`from send to receive, p99, ${members}, ${PACE} messages/s`, of(OURS, 'p99'), 'ms', {
        details: { 'p50 ms': of(OURS, 'p50') },
        baselines: against('p99'),
      }),
      figure(`an idle connection of ${MEMBERS.toLocaleString('en-US')}`, of(OURS, 'kib'), 'KiB', {
        details: { 'logins/s': of(OURS, 'logins') },
        baselines: against('kib'),
      }),
    ];
    return { figures, facts: [database.facts, 'clients in a process of their own, WKProto, on loopback'] };
  });

async function measure(stack, name, environment, seconds) {
  const server = stack.add(await start(name, environment));
  const clients = stack.add(await startProgram('programs/im-clients.mjs', {}));
  const { port, webSocketPort } = server.ready;
  await sleep(CALM_MS);
  const before = server.rss();
  const { perSecond: logins } = await clients.ask({ ask: 'open', port: webSocketPort, members: MEMBERS });
  await sleep(CALM_MS);
  const kib = ((server.rss() - before) * 1024) / MEMBERS;
  const subscribers = Array.from({ length: MEMBERS }, (_, n) => `m${n}`);
  await post(port, '/channel', { ...CHANNEL, subscribers });
  await closedLoop(port, clients, 1);
  const { perSecond } = await closedLoop(port, clients, seconds);
  const { p50, p99 } = await paced(port, clients, seconds);
  await clients.ask({ ask: 'close' });
  return { perSecond, p50, p99, kib, logins };
}

async function start(name, environment) {
  if (name === BARE) return startProgram('peers/ws-bare.mjs', {});
  const [webSocketPort] = await freePorts(1);
  const server = await startProgram('programs/relay-center.mjs', { ...environment, IM_WS_PORT: String(webSocketPort) });
  return { ...server, ready: { ...server.ready, webSocketPort } };
}

/** The next ones leave when these have reached everybody. */
async function closedLoop(port, clients, seconds) {
  const startedAt = performance.now();
  let sent = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    await Promise.all(Array.from({ length: UNDER_WAY }, () => send(port, sent++)));
    await clients.ask({ ask: 'all', count: sent * MEMBERS });
  }
  const perSecond = (sent * MEMBERS * 1000) / (performance.now() - startedAt);
  await clients.ask({ ask: 'collect' });
  return { perSecond };
}

/** At an even pace, whether or not the last one has arrived. */
async function paced(port, clients, seconds) {
  const messages = seconds * PACE;
  for (let k = 0; k < messages; k++) {
    await send(port, k);
    await sleep(1000 / PACE);
  }
  await clients.ask({ ask: 'all', count: messages * MEMBERS });
  return clients.ask({ ask: 'collect' });
}

const send = (port, k) =>
  post(port, '/message/send', {
    ...CHANNEL,
    client_msg_no: `${Date.now()}-${k}`,
    from_uid: 'u1',
    header: { red_dot: 1 },
    payload: PAYLOAD,
  });

async function post(port, path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  await answer.text();
}
