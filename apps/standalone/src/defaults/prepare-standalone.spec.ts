import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDataFolder } from './data-lock.js';
import { prepareStandalone, type Prepared } from './prepare-standalone.js';

let parent: string;
let dataDir: string;
const prepared: Prepared[] = [];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'message-center-spec-'));
  dataDir = join(parent, 'data');
});
afterEach(async () => {
  for (const one of prepared.splice(0)) await one.stop();
  rmSync(parent, { recursive: true, force: true });
});

/** With a database of its own and any free port: nothing is started. */
async function prepare(settings: NodeJS.ProcessEnv = {}): Promise<{ env: NodeJS.ProcessEnv; place: string }> {
  const env = { PORT: '0', DATA_DIR: dataDir, DATABASE_URL: 'postgres://db.example/center', ...settings };
  const one = await prepareStandalone(env, () => undefined);
  prepared.push(one);
  return { env, place: one.adminTokenPlace };
}

const stopAll = async (): Promise<void> => {
  for (const one of prepared.splice(0)) await one.stop();
};

describe('prepareStandalone', () => {
  it('fills what a start without settings needs and keeps its secrets for the next one', async () => {
    const first = await prepare();
    expect(first.env).toMatchObject({
      HOST: '127.0.0.1',
      SANDBOX: 'on',
      OUTGOING_ALLOW: '127.0.0.0/8,::1/128',
      DATABASE_URL: 'postgres://db.example/center',
    });
    expect(first.env['MASTER_KEY']).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(first.place, 'utf8').trim()).toBe(first.env['ADMIN_TOKEN']);
    await stopAll();
    const second = await prepare();
    expect(second.env['ADMIN_TOKEN']).toBe(first.env['ADMIN_TOKEN']);
    expect(second.env['MASTER_KEY']).toBe(first.env['MASTER_KEY']);
  });

  it('keeps the folder and its secrets from other users', async () => {
    await prepare();
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    for (const file of ['admin-token', 'master-key', 'lock']) {
      expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
    }
  });

  it('leaves alone what is set, also by a file', async () => {
    const { env, place } = await prepare({ ADMIN_TOKEN: 'mine', MASTER_KEY_FILE: '/run/key', SANDBOX: 'off' });
    expect(env).toMatchObject({ ADMIN_TOKEN: 'mine', SANDBOX: 'off' });
    expect(env['MASTER_KEY']).toBeUndefined();
    expect(place).toBe('$ADMIN_TOKEN');
    expect(existsSync(join(dataDir, 'admin-token'))).toBe(false);
  });

  it('opens a port for devices, a free one where the usual one is taken, and lets the center in by a new password', async () => {
    const usual = createServer()
      .on('error', () => undefined)
      .listen(1883, '127.0.0.1'); // may be taken already
    const { env } = await prepare();
    const port = Number(env['MQTT_PORT']);
    expect(port).not.toBe(1883);
    expect(env).toMatchObject({ MQTT_URL: `mqtt://127.0.0.1:${port}`, MQTT_USERNAME: '@center' });
    expect(env['MQTT_PASSWORD']).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(dataDir, 'mqtt-url'), 'utf8')).toBe(`${env['MQTT_URL']}\n`);
    expect(prepared[0]?.mqttListener?.address()).toMatchObject({ port });
    usual.close();
    await stopAll();
    const { env: next } = await prepare();
    expect(next['MQTT_PASSWORD']).not.toBe(env['MQTT_PASSWORD']);
  });

  it.each([{ MQTT_PORT: '0' }, { MQTT_URL: 'mqtt://broker.example' }])('opens none with %j', async (settings) => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'mqtt-url'), 'mqtt://127.0.0.1:1883\n'); // of a start before
    const { env } = await prepare(settings);
    expect(prepared[0]?.mqttListener).toBeNull();
    expect(existsSync(join(dataDir, 'mqtt-url'))).toBe(false);
    expect(env['MQTT_PASSWORD']).toBeUndefined();
  });

  it('says in one line that the port wanted for devices is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(prepare({ MQTT_PORT: String(port) })).rejects.toMatchObject({
      code: 'CANNOT_START',
      message: `MQTT_PORT=${port} cannot be used (it is taken by another program): leave it out for a free one, or set MQTT_PORT=0 for no MQTT broker`,
    });
    await expect(prepare({ MQTT_PORT: 'x' })).rejects.toThrow('MQTT_PORT=x is not a port');
    await new Promise((resolve) => other.close(resolve));
  });

  it('says in one line that the port is taken, before it touches the data folder', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(prepare({ PORT: String(port) })).rejects.toMatchObject({
      code: 'CANNOT_START',
      message: `Port ${port} is taken by another program: set PORT=${port + 1} npm start`,
    });
    other.close();
    expect(existsSync(dataDir)).toBe(false);
  });

  it.each(['http', '-1', '65536', '3000.5'])('refuses PORT=%s', async (port) => {
    await expect(prepare({ PORT: port })).rejects.toMatchObject({ message: expect.stringContaining(`PORT=${port}`) });
  });

  it('says in one line that the data folder cannot be used', async () => {
    writeFileSync(dataDir, 'a file');
    await expect(prepare()).rejects.toMatchObject({
      code: 'CANNOT_START',
      message: `The data folder ${dataDir} cannot be used (it is not a folder): set DATA_DIR=<another folder>`,
    });
  });

  it('says so where no folder can ever be made', async () => {
    await expect(prepare({ DATA_DIR: '/proc/message-center' })).rejects.toMatchObject({
      message: expect.stringMatching(/^The data folder \/proc\/message-center cannot be used/),
    });
  });

  it('refuses a data folder that is in use and takes it once it is free', async () => {
    await prepare();
    await expect(prepare()).rejects.toMatchObject({
      message: expect.stringContaining(`is in use by process ${process.pid}`),
    });
    await stopAll();
    await expect(prepare()).resolves.toBeDefined();
  });
});

describe('lockDataFolder', () => {
  beforeEach(() => void mkdirSync(dataDir));

  it('takes over from a process that was killed', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    writeFileSync(join(dataDir, 'lock'), `${dead.pid} 1 abc\n`);
    expect(() => lockDataFolder(dataDir)).not.toThrow();
  });

  it('takes over when the number now belongs to another program', () => {
    writeFileSync(join(dataDir, 'lock'), `${process.pid} 1 abc\n`);
    expect(() => lockDataFolder(dataDir)).not.toThrow();
  });

  it('does not release a lock that is another one by now', () => {
    const release = lockDataFolder(dataDir);
    writeFileSync(join(dataDir, 'lock'), 'somebody else\n');
    release();
    expect(readFileSync(join(dataDir, 'lock'), 'utf8')).toBe('somebody else\n');
  });

  it('leaves nothing but the lock behind', () => {
    writeFileSync(join(dataDir, 'lock'), '1073741824 1 abc\n');
    const release = lockDataFolder(dataDir);
    expect(readFileSync(join(dataDir, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    release();
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
  });
});
