import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect } from 'amqplib';

const run = promisify(execFile);
const START_DEADLINE_MS = 60_000;

/** Where distributions put the plain scripts; the ones on the PATH may change the user and the environment. */
const SCRIPT_FOLDERS = [process.env.RABBITMQ_BIN ?? '', '/usr/lib/rabbitmq/bin', '/opt/rabbitmq/sbin'];

function script(name: string): string | undefined {
  const folders = [...SCRIPT_FOLDERS, ...(process.env.PATH ?? '').split(delimiter)];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** False where no RabbitMQ server is installed; suites that need one of their own say so and skip. */
export const hasRabbitServer = (): boolean => script('rabbitmq-server') !== undefined;

/** A part of a shared broker that nobody else touches: a virtual host, or names with a prefix where none can be made. */
export interface BrokerScope {
  url: string;
  prefix: string;
  drop(): Promise<void>;
}

/** The permissions that the manual gives the apps: to configure, to write, to read. */
export function documentedPermissions(): string[] {
  const manual = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, patterns = ''] = /set_permissions -p message-center mc \\\n((?: +'.+\n)+)/.exec(manual) ?? [];
  return [...patterns.matchAll(/'(.+)'/g)].map(([, pattern]) => pattern ?? '');
}

/**
 * The broker at RABBITMQ_URL, by default the local one.
 * @param permissions of its user in a virtual host: what may be configured, written, read
 */
export async function openBrokerScope(permissions = ['.*', '.*', '.*']): Promise<BrokerScope> {
  const url = new URL(process.env.RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672');
  const name = `mc-test-${randomBytes(4).toString('hex')}`;
  try {
    await run('rabbitmqctl', ['add_vhost', name]);
    await run('rabbitmqctl', [
      'set_permissions',
      '-p',
      name,
      decodeURIComponent(url.username) || 'guest',
      ...permissions,
    ]);
    const own = new URL(url);
    own.pathname = `/${name}`;
    await (await connect(own.toString())).close(); // the tool may speak to another broker than the URL does
    return {
      url: own.toString(),
      prefix: '',
      drop: async () => void (await run('rabbitmqctl', ['delete_vhost', name])),
    };
  } catch {
    await run('rabbitmqctl', ['delete_vhost', name]).catch(() => undefined);
    return { url: url.toString(), prefix: `${name}.`, drop: () => Promise.resolve() };
  }
}

export interface PrivateRabbit {
  url: string;
  /** Of the Erlang virtual machine: SIGSTOP it for a broker that is silent, SIGKILL it for one that is gone. */
  pid: number;
  /** rabbitmqctl on this broker; answers its standard output. */
  ctl(...args: string[]): Promise<string>;
  stopApp(): Promise<void>;
  startApp(): Promise<void>;
  /** Kills the broker and removes its files. */
  stop(): Promise<void>;
}

/** Starts a RabbitMQ on free ports with files of its own, beside whatever else runs on the machine. */
export async function startPrivateRabbit(): Promise<PrivateRabbit> {
  const server = script('rabbitmq-server');
  const tool = script('rabbitmqctl');
  if (!server || !tool) throw new Error('rabbitmq-server is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'mc-rabbit-'));
  const [port, distPort, epmdPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const node = `mc-${randomBytes(4).toString('hex')}@localhost`;
  const pidFile = join(folder, 'pid');
  const env = {
    ...process.env,
    HOME: folder, // its own Erlang cookie
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: node,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: pidFile,
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
  };
  await mkdir(env.RABBITMQ_LOG_BASE);
  await writeFile(env.RABBITMQ_CONF_ENV_FILE, '');
  await writeFile(env.RABBITMQ_CONFIG_FILE, 'disk_free_limit.absolute = 50MB\n');
  await writeFile(env.RABBITMQ_ENABLED_PLUGINS_FILE, '[].');
  const child = spawn(server, [], { env, stdio: 'ignore', detached: true });
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      process.kill(-child.pid, 'SIGKILL'); // its process group: the script and the virtual machine
      await gone;
    }
    // The port mapper stays behind otherwise; it refuses to go until it has noticed that its node is gone.
    for (let tries = 0; tries < 50; tries += 1) {
      const { stdout } = await run('epmd', ['-kill'], { env }).catch(() => ({ stdout: '' }));
      if (stdout.includes('Killed')) break;
      await sleep(100);
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilItAnswers(url);
    const pid = Number(await readFile(pidFile, 'utf8'));
    const ctl = async (...args: string[]): Promise<string> => (await run(tool, ['-n', node, ...args], { env })).stdout;
    return {
      url,
      pid,
      ctl,
      stop,
      stopApp: async () => void (await ctl('stop_app')),
      startApp: async () => {
        await ctl('start_app');
        await untilItAnswers(url);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilItAnswers(url: string): Promise<void> {
  for (const giveUpAt = performance.now() + START_DEADLINE_MS; ; await sleep(200)) {
    try {
      return await (await connect(url, { timeout: 2_000 })).close();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface TcpProxy {
  url: string;
  /** Nothing passes any more and nothing is closed, as when a network drops packets. */
  freeze(): void;
  /** As `freeze`, and who connects from now on is taken and gets no answer either. */
  silence(): void;
  thaw(): void;
  /** Resets every connection; new ones are taken. */
  cut(): void;
  close(): Promise<void>;
}

/** Stands between a client and a broker whose own process cannot be touched. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((client) => {
    if (isSilent) {
      sockets.add(client.pause());
      client.on('error', () => undefined).on('close', () => sockets.delete(client));
      return;
    }
    const upstream = connectTcp(Number(port || 5672), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => sockets.forEach((socket) => socket.resetAndDestroy());
  const freeze = (): void => sockets.forEach((socket) => socket.pause());
  return {
    url: url.toString(),
    freeze,
    silence: () => {
      isSilent = true;
      freeze();
    },
    thaw: () => sockets.forEach((socket) => socket.resume()),
    cut: () => {
      isSilent = false;
      cut();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
