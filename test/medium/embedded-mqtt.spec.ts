import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { AuditRepository, Database, DeviceRepository, encodeDeliveryRef, newMessageId } from '#entities';
import { AppLogger, sha256 } from '#platform';
import { AuditRefusedSignIns } from '../../apps/standalone/src/embedded-mqtt/audit-refused-sign-ins.service.js';
import { EmbeddedMqttBroker } from '../../apps/standalone/src/embedded-mqtt/embedded-mqtt-broker.js';
import { EmbeddedMqttModule } from '../../apps/standalone/src/embedded-mqtt/embedded-mqtt.module.js';
import { openMqttListener, portOf } from '../../apps/standalone/src/embedded-mqtt/open-listener.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let store: TestDatabase;
let module: TestingModule;
let port: number;
let center: MqttClient;
const clients: MqttClient[] = [];

beforeAll(async () => {
  store = await testDatabase();
  const password = randomBytes(16).toString('hex');
  Object.assign(process.env, {
    DATABASE_URL: store.url,
    DATABASE_POOL_SIZE: '5',
    MASTER_KEY: randomBytes(32).toString('hex'),
    LOG_LEVEL: 'silent',
    MQTT_PASSWORD: password,
  });
  module = await Test.createTestingModule({ imports: [EmbeddedMqttModule] }).compile();
  await module.init();
  const listener = await openMqttListener('127.0.0.1', 0);
  port = portOf(listener);
  await module.get(EmbeddedMqttBroker).serve(listener);
  center = open({ username: '@center', password });
  clients.pop();
  await connected(center);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
  await rows('TRUNCATE device, mqtt_mailbox, audit_log');
});
afterAll(async () => {
  await center?.endAsync(true);
  await module?.close();
  await store?.drop();
});

const rows = <R extends object>(sql: string, values: unknown[] = []): Promise<R[]> =>
  module.get(Database).query<R>(sql, values);
const devices = (): DeviceRepository => module.get(DeviceRepository);
const entry = { actor: 'admin', action: 'device.put', target: 'd' };

/** Registers the device `d`, with this password where it has none or a new one is asked for. */
const register = (userId: string, password: string, isNewPassword = false): Promise<unknown> =>
  devices().register(
    {
      token: 'd',
      userId,
      appId: '',
      platform: 'android',
      provider: 'mqtt',
      isTest: false,
      subscription: null,
      mqttPasswordHash: sha256(password),
      isNewPassword,
    },
    true,
    entry,
  );
const remove = (): Promise<boolean> => devices().remove('d', null, entry);

function open(options: IClientOptions): MqttClient {
  const client = connect(`mqtt://127.0.0.1:${port}`, { clean: false, clientId: 'any', reconnectPeriod: 0, ...options });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}
const connected = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => void client.once('connect', () => resolve()));
const closed = (client: MqttClient): Promise<void> =>
  client.connected ? new Promise((resolve) => void client.once('close', () => resolve())) : Promise.resolve();

interface Listener {
  client: MqttClient;
  got: string[];
}

/** The device `d`; `isDeaf`: it confirms nothing to the broker. */
async function listen(password: string, isDeaf = false): Promise<Listener> {
  const got: string[] = [];
  const client = open({ username: 'd', password });
  client.on('message', (_topic, payload) => void got.push((JSON.parse(payload.toString()) as { ref: string }).ref));
  if (isDeaf) withoutConfirmations(client);
  await connected(client);
  await client.subscribeAsync('device/d/msg', { qos: 1 });
  return { client, got };
}
/** The library knows no way to go on reading and confirm nothing. */
function withoutConfirmations(client: MqttClient): void {
  const inside = client as unknown as { _sendPacket(packet: { cmd: string }, ...rest: unknown[]): void };
  const send = inside._sendPacket.bind(client);
  inside._sendPacket = (packet, ...rest) => {
    if (packet.cmd !== 'puback') return send(packet, ...rest);
    const [done] = rest;
    if (typeof done === 'function') done();
  };
}
const publish = (ref: string): Promise<unknown> =>
  center.publishAsync('device/d/msg', JSON.stringify({ ref }), { qos: 1 });
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}
/** What the device got when everything that could come to it has come. */
async function allOf({ got }: Listener, last: string): Promise<string[]> {
  await publish(last);
  await until(() => got.includes(last));
  return got;
}

describe('a device that changes hands', () => {
  it('gets nothing that was kept for its owner before, nor what he did not confirm', async () => {
    await register('alice', 'a');
    const alice = await listen('a', true);
    await publish('unconfirmed');
    await until(() => alice.got.length === 1);
    alice.client.stream.destroy();
    await closed(alice.client);
    await publish('kept');
    await remove();
    await register('bob', 'b');
    expect(await allOf(await listen('b'), 'for bob')).toEqual(['for bob']);
  });

  it('keeps its password where it was not removed, and yet gets nothing of before', async () => {
    await register('alice', 'a');
    await (await listen('a')).client.endAsync();
    await publish('kept');
    await register('bob', 'b');
    expect(await allOf(await listen('a'), 'for bob')).toEqual(['for bob']);
  });

  it('gets nothing that is published late, as it was for another: the delivery says for whom', async () => {
    await register('bob', 'b');
    const bob = await listen('b');
    const { id, ref } = await delivery('alice');
    await publish(ref);
    expect(await allOf(bob, 'for bob')).toEqual(['for bob']);
    expect(await rows('SELECT ref FROM mqtt_mailbox WHERE ref = $1', [ref])).toEqual([]);
    await rows(`UPDATE delivery SET recipient = 'bob' WHERE message_id = $1`, [id]);
    await publish(ref);
    await until(() => bob.got.length === 2);
    expect(bob.got).toEqual(['for bob', ref]);
  });

  it('keeps nothing for a device that nobody registered', async () => {
    await publish('early');
    expect(await rows('SELECT ref FROM mqtt_mailbox')).toEqual([]);
    await register('bob', 'b');
    expect(await allOf(await listen('b'), 'for bob')).toEqual(['for bob']);
  });
});

describe('a connection of a device', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['was removed and registered anew', async () => (await remove()) && register('carol', 'c'), 'c'],
    ['was removed and registered anew for the same owner', async () => (await remove()) && register('bob', 'c'), 'c'],
    ['was registered for somebody else', () => register('carol', 'c'), 'b'],
    ['has a new password', () => register('bob', 'c', true), 'c'],
  ])('that %s gets nothing any more; the next one has it all', async (_what, change, password) => {
    await register('bob', 'b');
    const old = await listen('b');
    await change();
    await publish('secret');
    await closed(old.client);
    expect(old.got).toEqual([]);
    expect(await allOf(await listen(password), 'last')).toEqual(['secret', 'last']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['was removed', remove],
    ['has a new password', () => register('bob', 'c', true)],
    ['is called dead', () => rows(`UPDATE device SET deactivated_at = now() WHERE token = 'd'`)],
  ])('that %s ends, though nothing is sent to it', async (_what, change) => {
    await register('bob', 'b');
    const { client } = await listen('b');
    await change();
    await closed(client);
  });

  it('stays where the device is registered again for the same owner', async () => {
    await register('bob', 'b');
    const bob = await listen('b');
    await register('bob', 'unused');
    expect(await allOf(bob, 'one')).toEqual(['one']);
    await sleep(2_500); // longer than connections go unverified
    expect(bob.client.connected).toBe(true);
  });
});

describe('a device whose connection broke before it confirmed', () => {
  it.each([1, 2, 3])('gets each message once more, in their order (%d)', async () => {
    await register('bob', 'b');
    const first = await listen('b', true);
    const sent = ['v1', 'v2', 'v3', 'v4', 'v5'];
    for (const ref of sent) await publish(ref);
    await until(() => first.got.length === sent.length);
    first.client.stream.destroy();
    await closed(first.client);
    expect(await allOf(await listen('b'), 'last')).toEqual([...sent, 'last']);
  });
});

describe('the audit log', () => {
  const refused = (): Promise<object[]> =>
    rows('SELECT actor, action, target, ip, details FROM audit_log WHERE action = $1', ['token.refused']);
  const knock = async (options: IClientOptions): Promise<void> => {
    const client = open(options);
    await new Promise((resolve) => void client.once('error', resolve));
  };

  it.each<[string, IClientOptions]>([
    ['a wrong password', { username: 'd', password: 'wrong' }],
    ['a user that is none', { username: 'nobody', password: 'b' }],
    ['the name of the center', { username: '@center', password: 'b' }],
    ['no user', {}],
  ])('names who was refused with %s', async (_title, options) => {
    await register('bob', 'b');
    await knock(options);
    await until(async () => (await refused()).length > 0);
    expect(await refused()).toEqual([
      {
        actor: 'anonymous',
        action: 'token.refused',
        target: 'door:mqtt',
        ip: '127.0.0.1',
        details: { refusal: 'unknown' },
      },
    ]);
  });

  it('has no more than sixty of one address and minute', async () => {
    const audit = new AuditRefusedSignIns(module.get(AuditRepository), module.get(AppLogger));
    await Promise.all(Array.from({ length: 150 }, () => audit.record('::ffff:10.0.0.1')));
    await audit.record('10.0.0.2');
    const written = await rows<{ ip: string; count: number }>(
      'SELECT ip, count(*)::int AS count FROM audit_log GROUP BY ip ORDER BY ip',
    );
    expect(written[0]?.ip).toBe('10.0.0.1');
    expect([60, 120]).toContain(written[0]?.count); // the minute may have ended meanwhile
    expect(written[1]).toEqual({ ip: '10.0.0.2', count: 1 });
  });
});

describe('what a device says', () => {
  it.each(['ack', 'hello'])('at length at its own topic %s is passed over, and it stays connected', async (word) => {
    await register('bob', 'b');
    const { client } = await listen('b');
    const heard: number[] = [];
    center.on('message', (_topic, payload) => void heard.push(payload.length));
    await center.subscribeAsync([`device/+/ack`, `device/+/hello`], { qos: 1 });
    for (const length of [4_097, 100_000, 4_096])
      await client.publishAsync(`device/d/${word}`, Buffer.alloc(length), { qos: 1 });
    await until(() => heard.length > 0);
    expect(heard).toEqual([4_096]);
    expect(client.connected).toBe(true);
    center.removeAllListeners('message');
  });
});

/** A delivery to a device, and its reference. */
async function delivery(recipient: string): Promise<{ id: string; ref: string }> {
  const id = newMessageId(Date.now());
  const [row] = await rows<{ ref: string }>(
    `WITH m AS (
       INSERT INTO message (id, client_app_id, door, kind, priority, audience, plan, accepted_at)
       VALUES ($1, 'app', 'native', 'notice', 1, '{}', '{}', now())
     )
     INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref)
     VALUES ($1, 8, 0, true, 'push', $2, 'd', gen_random_uuid()) RETURNING ref`,
    [id, recipient],
  );
  return { id, ref: encodeDeliveryRef(id, 8, row?.ref ?? '') };
}
