// Clients of instant messages by the thousand, in a process of their own. They answer what comes and note when it came.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { connectPacket, CONNACK, readRecv, RECV, recvackPacket, typeOf } from '../lib/im-wire.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

/** Logins in flight at a time. */
const AT_ONCE = 100;

let clients = [];
/** Milliseconds from the sending of a message to its arrival, one an arrival. */
let delays = [];
/** Arrivals by message. */
let arrived = new Map();
let awaited = { count: Infinity, resolve: () => undefined };

onTerm(close);
serveQuestions(true, { open, collect, all, close });

/** Logs in `members` clients, m0 and so on. */
async function open({ port, members }) {
  const startedAt = performance.now();
  for (let from = 0; from < members; from += AT_ONCE) {
    const wave = Array.from({ length: Math.min(AT_ONCE, members - from) }, (_, i) => login(port, `m${from + i}`));
    clients.push(...(await Promise.all(wave)));
  }
  return { perSecond: (members * 1000) / (performance.now() - startedAt) };
}

async function login(port, uid) {
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(client, 'open');
  client.send(connectPacket(uid));
  const [answer] = await once(client, 'message');
  if (typeOf(answer) !== CONNACK || answer[10] !== 1) throw new Error(`${uid} was not let in`);
  client.on('message', (data) => {
    if (typeOf(data) === RECV) note(client, data);
  });
  client.on('close', () => awaited.resolve());
  return client;
}

/** The sender's clock stands in the message's number of its own: epoch ms, then what makes it unique. */
function note(client, data) {
  const { clientMsgNo, id } = readRecv(data);
  delays.push(Date.now() - parseInt(clientMsgNo, 10));
  const count = (arrived.get(clientMsgNo) ?? 0) + 1;
  arrived.set(clientMsgNo, count);
  client.send(recvackPacket(id));
  if (delays.length >= awaited.count) awaited.resolve();
}

/** Until so many arrived. */
async function all({ count }) {
  if (delays.length < count) await new Promise((resolve) => (awaited = { count, resolve }));
  if (delays.length < count) throw new Error('a client was cut off');
  return {};
}

/** What arrived since the last question. */
function collect() {
  const sorted = delays.sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const answer = { received: sorted.length, p50: at(0.5), p99: at(0.99), messages: arrived.size };
  delays = [];
  arrived = new Map();
  awaited = { count: Infinity, resolve: () => undefined };
  return answer;
}

async function close() {
  const all = clients;
  clients = [];
  await Promise.all(
    all.map((client) => {
      const closed = once(client, 'close');
      client.terminate();
      return closed;
    }),
  );
  return {};
}
