import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join, relative } from 'node:path';
import { StandaloneConfig, isLoopbackHost, loadConfig } from '#platform';
import { openMqttListener, portOf as portOfServer } from '../embedded-mqtt/open-listener.js';
import { CENTER_USER } from '../embedded-mqtt/topic-rules.policy.js';
import { CannotStartError } from '../embedded-postgres/cannot-start.error.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded-postgres/embedded-postgres.js';
import { keptSecret } from '../embedded-postgres/kept-secret.js';
import { dataFolderError, inDataFolder, makeDataFolder } from './data-folder.js';
import { lockDataFolder } from './data-lock.js';
import { checkCanListen, freePort } from './listen-check.js';
import { reachableHost } from './reachable-host.js';

/** In the data folder: where devices connect, for those who try one. */
export const MQTT_URL_FILE = 'mqtt-url';

export interface Prepared {
  /** Real path of the data folder; nobody else uses it until `stop`. */
  dataDir: string;
  /** For a person: the variable or the file that holds the administrator's token. */
  adminTokenPlace: string;
  /** For the embedded MQTT broker; null: there is none. */
  mqttListener: Server | null;
  /** Settles with the reason when the embedded database ends by itself; never with a database of one's own. */
  databaseLost: Promise<string>;
  /** Stops the embedded database and frees the data folder: the last thing before the process ends. */
  stop(): Promise<void>;
}

/**
 * Fills `env` with what a start without any settings needs, before a module reads it: a value that is set stays.
 * Starts the embedded PostgreSQL unless DATABASE_URL (or its _FILE) is set. Throws CannotStartError with one line.
 */
export async function prepareStandalone(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<Prepared> {
  const host = (env['HOST'] ||= '127.0.0.1');
  await checkCanListen(host, portOf('PORT', (env['PORT'] ||= '3000')));
  const dataDir = makeDataFolder(loadConfig(StandaloneConfig, env).DATA_DIR);
  const unlock = inDataFolder(dataDir, () => lockDataFolder(dataDir));
  let database: EmbeddedPostgres | undefined;
  let mqttListener: Server | null = null;
  try {
    const adminTokenPlace = inDataFolder(dataDir, () => fillSecrets(env, dataDir));
    fillSettings(env, host);
    await choosePortForClients(env, host);
    mqttListener = await openForDevices(env, host);
    inDataFolder(dataDir, () => tellDevices(join(dataDir, MQTT_URL_FILE), mqttListener && env['MQTT_URL']));
    database = isSet(env, 'DATABASE_URL') ? undefined : await startEmbeddedPostgres({ dataDir, durable: true, log });
    if (database) env['DATABASE_URL'] = database.url;
    return {
      dataDir,
      adminTokenPlace,
      mqttListener,
      databaseLost: database?.lost ?? new Promise(() => undefined),
      stop: async () => {
        mqttListener?.close();
        await database?.stop();
        unlock();
      },
    };
  } catch (error) {
    mqttListener?.close();
    unlock();
    throw dataFolderError(dataDir, error);
  }
}

/** Where clients of instant messages expect a server. */
const IM_WS_PORT = 5200;

/** A value may come from a file named by `<NAME>_FILE`. */
const isSet = (env: NodeJS.ProcessEnv, name: string): boolean => Boolean(env[name] || env[`${name}_FILE`]);

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new CannotStartError(`${name}=${text} is not a port: give a number up to 65535`);
}

/** The center reaches its own broker as it would any other: by MQTT_URL, with a password that is made anew at every start. */
async function openForDevices(env: NodeJS.ProcessEnv, host: string): Promise<Server | null> {
  if (env['MQTT_URL'] || env['MQTT_PORT'] === '0') return null;
  const server = await openMqttListener(host, env['MQTT_PORT'] ? portOf('MQTT_PORT', env['MQTT_PORT']) : undefined);
  const port = portOfServer(server);
  env['MQTT_PORT'] = String(port);
  env['MQTT_URL'] = `mqtt://${reachableHost(host)}:${port}`;
  env['MQTT_USERNAME'] = CENTER_USER;
  env['MQTT_PASSWORD'] = randomBytes(32).toString('hex');
  delete env['MQTT_PASSWORD_FILE'];
  return server;
}

/** What a former start left would lead devices to a port that nobody serves now. */
function tellDevices(file: string, url: string | null | undefined): void {
  if (url) writeFileSync(file, `${url}\n`);
  else rmSync(file, { force: true });
}

/** Another center on this machine may have the usual port; whoever names one wants that one. */
async function choosePortForClients(env: NodeJS.ProcessEnv, host: string): Promise<void> {
  const wanted = env['IM_WS_PORT'];
  if (!wanted) env['IM_WS_PORT'] = String(await freePort(host, IM_WS_PORT));
  else if (Number(wanted) > 0) await checkCanListen(host, Number(wanted), 'IM_WS_PORT');
}

function fillSecrets(env: NodeJS.ProcessEnv, dataDir: string): string {
  if (!isSet(env, 'MASTER_KEY')) env['MASTER_KEY'] = keptSecret(join(dataDir, 'master-key'));
  if (isSet(env, 'ADMIN_TOKEN')) return env['ADMIN_TOKEN'] ? '$ADMIN_TOKEN' : (env['ADMIN_TOKEN_FILE'] ?? '');
  const file = join(dataDir, 'admin-token');
  env['ADMIN_TOKEN'] = keptSecret(file);
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}

/** For trying it out: nothing leaves the machine, callbacks may come back to it. */
function fillSettings(env: NodeJS.ProcessEnv, host: string): void {
  env['SANDBOX'] ||= 'on';
  env['LOG_LEVEL'] ||= 'warn';
  env['OUTGOING_ALLOW'] ||= '127.0.0.0/8,::1/128';
  // As the server whose interface it is comes; never where others reach it.
  if (isLoopbackHost(host)) env['IM_AUTH'] ||= 'none';
}
