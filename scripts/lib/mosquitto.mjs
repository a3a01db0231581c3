// A private Mosquitto with its own users and rules, as docs/devices.md describes it: for tests and figures.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, startBound, stopBound } from './children.mjs';

const START_TIMEOUT_MS = 20_000;

const find = (name) =>
  ['/usr/sbin', '/usr/local/sbin', ...(process.env.PATH ?? '').split(delimiter)]
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

/** Whether one can be started here. */
export const hasMosquitto = () => find('mosquitto') !== undefined && find('mosquitto_passwd') !== undefined;

/** What the center may do, and what a device may: its own topics and no others. */
export const ACL = `user center
topic write device/+/msg
topic read device/+/ack
topic read device/+/hello
pattern read device/%u/msg
pattern write device/%u/ack
pattern write device/%u/hello
`;

/**
 * @param {{ users: Record<string, string>, more?: string, rules?: string }} options `users`: passwords by name; `more`: lines of its
 *   configuration; `rules`: of users beside the center and devices
 * @returns {Promise<{ port: number, url: string, restart: () => Promise<void>, stop: () => Promise<void> }>}
 *   `restart`: stopped and started again on what it had written
 */
export async function startMosquitto({ users, more = '', rules = '' }) {
  const home = mkdtempSync(join(tmpdir(), 'message-center-mosquitto-'));
  const port = await freePort();
  const passwords = join(home, 'passwords');
  writeFileSync(passwords, '');
  for (const [name, password] of Object.entries(users)) {
    spawnSync(find('mosquitto_passwd'), ['-b', passwords, name, password]);
  }
  writeFileSync(join(home, 'acl'), ACL + rules);
  const config = join(home, 'mosquitto.conf');
  writeFileSync(
    config,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${passwords}`,
      `acl_file ${join(home, 'acl')}`,
      'persistence true',
      `persistence_location ${home}/`,
      'autosave_interval 1',
      'autosave_on_changes true',
      // Started by root it would become a user who may read nothing here.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      more,
    ].join('\n'),
  );
  let server = await start(config, port);
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    restart: async () => {
      await stopBound(server, 5_000);
      server = await start(config, port);
    },
    stop: async () => {
      await stopBound(server, 5_000);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function start(config, port) {
  const server = startBound(find('mosquitto'), ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  server.stderr.on('data', (chunk) => (words = (words + chunk).slice(-500)));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(port))) {
    if (hasEnded(server) || Date.now() > deadline) throw new Error(`mosquitto did not start: ${words}`);
    await sleep(20);
  }
  return server;
}

async function answers(port) {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
