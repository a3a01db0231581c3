import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { Center } from '../support/center.js';
import { stablePort } from '../support/stable-port.js';

interface Device {
  token: string;
  password: string;
  client: MqttClient;
  /** References of what came, in that order. */
  got: string[];
}

/** Every message of these tests is a batch of its own; the process dies at the one after so many. */
const BATCHES_BEFORE_DEATH = 5;

let center: Center;
let mqttPort: number;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mqttPort = await stablePort();
  center = await Center.open({ env: { MQTT_PORT: String(mqttPort) } });
  await center.rows(`UPDATE client_app SET channels = channels || '{push}'`);
  await center.start('standalone', { FAILPOINTS: `worker.before-settle:1:1:${BATCHES_BEFORE_DEATH}` });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
});
afterAll(() => center?.close());

/** `PUT /v1/devices/{token}`; answers the password. */
async function register(token: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${center.port}/v1/devices/${token}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${center.adminToken}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ userId: 'u0', platform: 'android', provider: 'mqtt' }),
  });
  const body = (await answer.json()) as { mqtt: { username: string; password: string } };
  expect(answer.status).toBe(200);
  expect(body.mqtt.username).toBe(token);
  return body.mqtt.password;
}

/** Connects as docs/devices.md says; with `isSilent` it never acknowledges by its own word. */
async function listen(token: string, password: string, isSilent = false): Promise<Device> {
  const got: string[] = [];
  const client = open({ username: token, password });
  client.on('message', (_topic, payload) => {
    const { ref } = JSON.parse(payload.toString()) as { ref: string };
    got.push(ref);
    if (!isSilent) client.publish(`device/${token}/ack`, JSON.stringify({ ref }), { qos: 1 });
  });
  await connected(client);
  await client.subscribeAsync(`device/${token}/msg`, { qos: 1 });
  return { token, password, client, got };
}

function open(options: IClientOptions): MqttClient {
  const client = connect(`mqtt://127.0.0.1:${mqttPort}`, {
    clean: false,
    clientId: randomUUID(),
    reconnectPeriod: 200,
    ...options,
  });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

const connected = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => void client.once('connect', () => resolve()));
const newDevice = async (isSilent = false): Promise<Device> => {
  const token = `term-${randomUUID()}`;
  return listen(token, await register(token), isSilent);
};

const send = (...tokens: string[]): Promise<string> =>
  center.send([], { to: { devices: tokens }, channels: undefined });

/** Statuses of the message's deliveries, once they are these. */
async function untilStatuses(id: string, ...statuses: number[]): Promise<void> {
  for (;;) {
    const rows = await center.rows<{ status: number }>('SELECT status FROM delivery WHERE message_id = $1', [id]);
    if (rows.map(({ status }) => status).join() === statuses.join()) return;
    await sleep(50);
  }
}
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}
const SENT = 20;
const DELIVERED = 40;

describe('a device at the MQTT broker of npm start', () => {
  it('gets what is sent to it, and its own word is the delivery', async () => {
    const device = await newDevice();
    const id = await send(device.token);
    await untilStatuses(id, DELIVERED);
    expect(device.got).toHaveLength(1);
    const hello = await device.client.publishAsync(`device/${device.token}/hello`, '', { qos: 1 });
    expect(hello).toBeDefined();
    const seen = (): Promise<number> =>
      center.count('SELECT count(*) FROM device WHERE token = $1 AND last_seen_at IS NOT NULL', [device.token]);
    while ((await seen()) === 0) await sleep(50);
  });

  it('that was away gets every message once, though the process dies between the broker’s answer and its own commit (F06)', async () => {
    const device = await newDevice(true);
    await untilStatuses(await send(device.token), SENT);
    await until(() => device.got.length === 1);
    await device.client.endAsync();
    const away: string[] = [];
    for (let i = 0; i < BATCHES_BEFORE_DEATH - 2; i++) {
      const id = await send(device.token);
      await untilStatuses(id, SENT);
      away.push(id);
    }
    const [to, key] = [{ to: { devices: [device.token] }, channels: undefined }, randomUUID()];
    await center.send([], to, { key }).catch(() => null); // the answer may die with the process
    expect(await center.app('standalone').ended).toEqual({ code: null, signal: 'SIGKILL' });
    await center.endLeases();
    await center.start('standalone');
    const unsure = await center.sendUntilAccepted([], to, key);
    await untilStatuses(unsure, SENT);

    const back = await listen(device.token, device.password);
    for (const id of [...away, unsure]) await untilStatuses(id, DELIVERED);
    await untilStatuses(await send(device.token), DELIVERED);
    // The last one came behind all that had waited: nothing came twice, and nothing from before.
    expect(back.got).toHaveLength(away.length + 2);
    expect(new Set([...back.got, ...device.got]).size).toBe(away.length + 3);
    while ((await center.count('SELECT count(*) FROM mqtt_mailbox WHERE token = $1', [device.token])) > 0)
      await sleep(50);
    const attempts = await center.rows<{ dup: boolean }>(
      'SELECT is_possible_duplicate AS dup FROM delivery_attempt WHERE message_id = $1',
      [unsure],
    );
    expect(attempts.map(({ dup }) => dup)).toEqual([true]);
  });

  it('connects anew and gets only what it has not acknowledged', async () => {
    const device = await newDevice();
    await untilStatuses(await send(device.token), DELIVERED);
    await device.client.endAsync();
    const missed = await send(device.token);
    await untilStatuses(missed, SENT);
    const back = await listen(device.token, device.password);
    await untilStatuses(missed, DELIVERED);
    await untilStatuses(await send(device.token), DELIVERED);
    expect(back.got).toHaveLength(2);
    expect(back.got).not.toContain(device.got[0]);
  });
});

describe('the MQTT broker of npm start', () => {
  it.each([
    ['a wrong password', { password: 'wrong' }],
    ['no password', { password: undefined }],
    ['a stranger', { username: 'nobody' }],
    ['the name of the center', { username: '@center' }],
    ['no name', { username: undefined, password: undefined }],
  ])('lets nobody in with %s', async (_title, wrong) => {
    const token = `term-${randomUUID()}`;
    const options = Object.fromEntries(
      Object.entries({ username: token, password: await register(token), ...wrong }).filter(([, v]) => v !== undefined),
    );
    const client = open({ reconnectPeriod: 0, ...options });
    const error = await new Promise<unknown>((resolve) => void client.once('error', resolve));
    expect(error).toMatchObject({ code: 4 });
  });

  it('keeps a device to its own topics', async () => {
    const [one, other] = [await newDevice(true), await newDevice(true)];
    const id = await send(other.token);
    await until(() => other.got.length === 1);
    for (const filter of [`device/${other.token}/msg`, 'device/+/msg', '#', '$SYS/#', `device/${one.token}/ack`]) {
      await expect(one.client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow('Subscribe error');
    }
    await one.client.endAsync(); // it would take the session back from those that follow
    // 3.1.1 knows no refusal of a message: the connection ends.
    const forged = [`device/${other.token}/ack`, `device/${other.token}/msg`, `device/${one.token}/msg`];
    for (const topic of forged) {
      const client = open({ username: one.token, password: one.password, reconnectPeriod: 0 });
      await connected(client);
      const closed = new Promise<void>((resolve) => void client.once('close', () => resolve()));
      client.publish(topic, JSON.stringify({ ref: other.got[0] }), { qos: 1 });
      await closed;
    }
    // One of its own, with the reference of the other's: heard, and not believed.
    const nosy = await listen(one.token, one.password, true);
    await nosy.client.publishAsync(`device/${one.token}/ack`, JSON.stringify({ ref: other.got[0] }), { qos: 1 });
    await untilStatuses(await send(one.token), SENT);
    await untilStatuses(id, SENT);
    await other.client.publishAsync(`device/${other.token}/ack`, JSON.stringify({ ref: other.got[0] }), { qos: 1 });
    await untilStatuses(id, DELIVERED);
    expect(other.got).toHaveLength(1);
  });

  it('has one connection a device: the newest', async () => {
    const first = await newDevice();
    const closed = new Promise<void>((resolve) => void first.client.once('close', () => resolve()));
    first.client.options.reconnectPeriod = 0;
    const second = await listen(first.token, first.password);
    await closed;
    await untilStatuses(await send(first.token), DELIVERED);
    expect(second.got).toHaveLength(1);
    expect(first.got).toHaveLength(0);
  });
});
