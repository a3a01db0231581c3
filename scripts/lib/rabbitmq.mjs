// A real RabbitMQ for tests and for trying out: RABBITMQ_URL, else 127.0.0.1:5672, else a private server of our own.
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { CannotStart } from './cannot-start.mjs';
import { hasEnded, startBound, stopBound } from './children.mjs';

const LOCAL = 'amqp://guest:guest@127.0.0.1:5672';
const START_TIMEOUT_MS = 60_000;

/**
 * @typedef {{ url: string, from: string, env: Record<string, string>, stop: () => Promise<void> }} Broker
 *   `env`: what `rabbitmqctl` needs to find a private server
 * @param {{ RABBITMQ_URL?: string }} env
 * @param {string} [local] where a server of the machine would listen
 * @returns {Promise<{ broker: Broker } | { whyNot: string }>} throws CannotStart where RABBITMQ_URL is set and no node of it answers
 */
export async function findOrStartRabbit(env, local = LOCAL) {
  const isOurs = { env: {}, stop: async () => undefined };
  if (env.RABBITMQ_URL) {
    const reason = await whyNoneAnswers(env.RABBITMQ_URL.split(','));
    if (reason) throw new CannotStart(`RABBITMQ_URL is set, but no broker answers there: ${reason}`);
    return { broker: { ...isOurs, url: env.RABBITMQ_URL, from: 'RABBITMQ_URL' } };
  }
  const localReason = await whyNoAnswer(local);
  if (!localReason) return { broker: { ...isOurs, url: local, from: new URL(local).host } };
  const sbin = findServer();
  if (!sbin)
    return {
      whyNot: `RABBITMQ_URL is not set, nothing usable on ${new URL(local).host} (${localReason}), no rabbitmq-server installed`,
    };
  return startPrivate(sbin);
}

/** @returns {Promise<string | null>} null: one of them does */
async function whyNoneAnswers(urls) {
  const reasons = [];
  for (const url of urls.map((text) => text.trim()).filter(Boolean)) {
    const reason = await whyNoAnswer(url);
    if (!reason) return null;
    reasons.push(reason);
  }
  return reasons.join(', ');
}

async function whyNoAnswer(url) {
  try {
    const connection = await connect(url, { timeout: 5_000 });
    connection.on('error', () => undefined);
    await connection.close();
    return null;
  } catch (error) {
    return error.code ?? error.message;
  }
}

/** The folder of the server's own scripts: distributions wrap them so that only certain users may run them. */
function findServer() {
  const lib = '/usr/lib/rabbitmq/lib';
  const packaged = existsSync(lib)
    ? readdirSync(lib)
        .sort()
        .reverse()
        .map((name) => join(lib, name, 'sbin'))
    : [];
  const inPath = (process.env.PATH ?? '').split(delimiter);
  return [...packaged, '/opt/rabbitmq/sbin', ...inPath].find((folder) => existsSync(join(folder, 'rabbitmq-server')));
}

async function startPrivate(sbin) {
  const home = mkdtempSync(join(tmpdir(), 'message-center-rabbitmq-'));
  const [port, distPort, epmdPort] = await freePorts(3);
  const env = privateSettings(sbin, home, port, distPort, epmdPort);
  const logFile = join(home, 'output.log');
  const output = openSync(logFile, 'w');
  const options = { cwd: home, env: { ...process.env, ...env }, stdio: ['ignore', output, output] };
  const epmd = startBound('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], options);
  epmd.once('error', () => undefined); // without it the server starts one itself
  const server = startBound(join(sbin, 'rabbitmq-server'), [], options);
  closeSync(output);
  let failure = null;
  server.once('error', (error) => (failure = error.message));
  const stop = async () => {
    await stopBound(server, 20_000);
    await stopBound(epmd, 1_000);
    rmSync(home, { recursive: true, force: true });
  };
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (await whyNoAnswer(url)) {
    if (failure ?? (hasEnded(server) || Date.now() > deadline)) {
      const words = failure ?? lastLine(logFile);
      await stop();
      return { whyNot: `${join(sbin, 'rabbitmq-server')} did not start: ${words}` };
    }
    await sleep(200);
  }
  return { broker: { url, from: `a private server, port ${port}`, env: forControl(env), stop } };
}

function privateSettings(sbin, home, port, distPort, epmdPort) {
  const empty = join(home, 'empty.conf');
  writeFileSync(empty, '');
  writeFileSync(join(home, 'plugins'), '[].\n');
  mkdirSync(join(home, 'log'));
  return {
    PATH: [sbin, process.env.PATH, ...erlangFolders()].filter(Boolean).join(delimiter),
    HOME: home, // of the cookie that server and rabbitmqctl share
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `message-center-${process.pid}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
    RABBITMQ_PID_FILE: join(home, 'server.pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: empty,
    RABBITMQ_CONFIG_FILE: empty,
    RABBITMQ_FEATURE_FLAGS_FILE: join(home, 'feature-flags'),
  };
}

/** HOME stays the caller's: the cookie travels by value. */
function forControl(env) {
  const { PATH, ERL_EPMD_PORT, RABBITMQ_NODENAME, RABBITMQ_CONF_ENV_FILE, HOME } = env;
  const cookie = readFileSync(join(HOME, '.erlang.cookie'), 'utf8').trim();
  return { PATH, ERL_EPMD_PORT, RABBITMQ_NODENAME, RABBITMQ_CONF_ENV_FILE, RABBITMQ_ERLANG_COOKIE: cookie };
}

const erlangFolders = () =>
  ['/usr/lib/erlang/bin', '/usr/local/lib/erlang/bin'].filter((folder) => existsSync(dirname(folder)));

async function freePorts(count) {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      await new Promise((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
      return probe;
    }),
  );
  const ports = probes.map((probe) => probe.address().port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}

const lastLine = (file) => readFileSync(file, 'utf8').trim().split('\n').at(-1) || 'it said nothing';
