import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type MqttClient } from 'mqtt';
import { hasMosquitto, startMosquitto } from '../../../../scripts/lib/mosquitto.mjs';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { RecordingInbox } from '../../../../test/support/fakes/provider-inbox.js';
import type { ChannelProvider } from '../port/channel-provider.port.js';
import { MqttFactory } from './mqtt.factory.js';

const title = hasMosquitto() ? 'mosquitto' : 'SKIPPED: mosquitto is not installed';
const never = new AbortController().signal;
const USERS = { center: 'center-password', 'terminal-1': 'one', 'terminal-2': 'two' };

/** Waits until it is so; the test's own time limit is the only other end. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(10);
}

(hasMosquitto() ? describe : describe.skip)(`MQTT against an independent broker (${title})`, () => {
  let broker: Awaited<ReturnType<typeof startMosquitto>>;
  const opened: (MqttClient | ChannelProvider)[] = [];
  beforeAll(async () => {
    broker = await startMosquitto({ users: USERS });
  });
  afterAll(async () => {
    await broker.stop();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await ('endAsync' in one ? one.endAsync() : one.close());
  });

  const open = (settings: Record<string, unknown> = {}, inbox = new RecordingInbox()): ChannelProvider => {
    const all = { url: broker.url, username: 'center', password: USERS.center, ...settings };
    const account = { id: 'push:mosquitto', channel: 'push' as const, provider: 'mqtt', settings: all };
    const provider = new MqttFactory(inbox, 'worker-1').create(account);
    opened.push(provider);
    return provider;
  };

  /** A device as docs/devices.md tells it to connect, and what it got. */
  async function device(token: keyof typeof USERS, protocolVersion: 4 | 5 = 4) {
    const got: Record<string, unknown>[] = [];
    const client = connect(broker.url, {
      clientId: token,
      username: token,
      password: USERS[token],
      clean: false,
      protocolVersion,
      ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 3600 } }),
      reconnectPeriod: 100,
    });
    opened.push(client);
    // Before it is connected: what was kept comes at once.
    client.on('message', (_topic, payload) => got.push(JSON.parse(payload.toString()) as Record<string, unknown>));
    await new Promise<void>((resolve) => void client.once('connect', () => resolve()));
    await client.subscribeAsync(`device/${token}/msg`, { qos: 1 });
    return { client, got };
  }

  it.each(['3.1.1', '5'])('reaches a device and hears its acknowledgement, version %s', async (protocol) => {
    const inbox = new RecordingInbox();
    const provider = open({ protocol }, inbox);
    const { client, got } = await device('terminal-1', protocol === '5' ? 5 : 4);
    const delivery = outbound('terminal-1');
    await expect(provider.send([delivery], never)).resolves.toEqual([{ class: 'ok' }]);
    await until(() => got.length === 1);
    expect(got[0]).toMatchObject({ ref: delivery.ref, kind: 'notification', title: 'A title', body: 'A text' });
    await client.publishAsync('device/terminal-1/ack', JSON.stringify({ ref: delivery.ref }), { qos: 1 });
    await client.publishAsync('device/terminal-1/hello', '', { qos: 1 });
    await until(() => inbox.devicesBack.length === 1);
    expect(inbox.deviceAcks).toEqual([{ token: 'terminal-1', ref: delivery.ref }]);
    expect(inbox.devicesBack).toEqual(['terminal-1']);
  });

  it('has a device that was away get every message once, over a restart of the broker', async () => {
    const provider = open();
    const before = await device('terminal-2');
    await before.client.endAsync();
    const deliveries = Array.from({ length: 5 }, () => outbound('terminal-2'));
    await provider.send(deliveries, never);
    await broker.restart();
    const { got } = await device('terminal-2');
    await until(() => got.length === deliveries.length);
    expect(got.map(({ ref }) => ref)).toEqual(deliveries.map(({ ref }) => ref));
    const [later] = await provider.send([outbound('terminal-2')], never);
    expect(later?.class).toMatch(/^(ok|retry)$/);
  });

  it('is told by version 5 that nobody listens', async () => {
    const [outcome] = await open({ protocol: '5' }).send([outbound('never-there')], never);
    expect(outcome).toMatchObject({ class: 'retry', code: '0x10' });
  });

  it('has what devices said meanwhile handed over when its worker comes back', async () => {
    const before = open();
    await before.send([outbound('terminal-1')], never);
    await before.close();
    const { client } = await device('terminal-1');
    await client.publishAsync('device/terminal-1/ack', '{"ref":"meanwhile"}', { qos: 1 });
    const inbox = new RecordingInbox();
    open({}, inbox);
    await until(() => inbox.deviceAcks.length > 0);
    expect(inbox.deviceAcks).toEqual([{ token: 'terminal-1', ref: 'meanwhile' }]);
  });

  it('shares what devices say between replicas that want it so', async () => {
    const inboxes = [new RecordingInbox(), new RecordingInbox()];
    for (const [i, inbox] of inboxes.entries()) {
      const settings = { url: broker.url, username: 'center', password: USERS.center, acks: 'shared', protocol: '5' };
      const account = { id: 'push:shared', channel: 'push' as const, provider: 'mqtt', settings };
      const provider = new MqttFactory(inbox, `replica-${i}`).create(account);
      opened.push(provider);
      await provider.send([outbound('terminal-1')], never);
    }
    const { client } = await device('terminal-1');
    for (let i = 0; i < 10; i++) await client.publishAsync('device/terminal-1/ack', `{"ref":"r${i}"}`, { qos: 1 });
    const heard = (): string[] => inboxes.flatMap(({ deviceAcks }) => deviceAcks.map(({ ref }) => ref));
    await until(() => heard().length >= 10);
    expect(heard().sort()).toEqual(Array.from({ length: 10 }, (_, i) => `r${i}`));
    expect(inboxes.every(({ deviceAcks }) => deviceAcks.length > 0)).toBe(true);
  });

  it('keeps devices to their own topics by the rules of docs/devices.md', async () => {
    const inbox = new RecordingInbox();
    const provider = open({}, inbox);
    const [nosy, other] = [await device('terminal-1'), await device('terminal-2')];
    await nosy.client.subscribeAsync('device/terminal-2/msg', { qos: 1 }).catch(() => undefined);
    await nosy.client.publishAsync('device/terminal-2/ack', '{"ref":"forged"}', { qos: 1 }).catch(() => undefined);
    await nosy.client.publishAsync('device/terminal-2/msg', '{"ref":"forged"}', { qos: 1 }).catch(() => undefined);
    const delivery = outbound('terminal-2');
    await provider.send([delivery], never);
    // What the tests before sent to it may still come, ahead of its own.
    const gotAs = (ref: string): unknown[] => other.got.filter((message) => message.ref === ref);
    await until(() => gotAs(delivery.ref).length > 0);
    await other.client.publishAsync('device/terminal-2/ack', '{"ref":"own"}', { qos: 1 });
    // What was said to the tests before is still handed over.
    const heard = () => inbox.deviceAcks.filter(({ token }) => token === 'terminal-2');
    await until(() => heard().length > 0);
    expect([gotAs(delivery.ref).length, gotAs('forged').length]).toEqual([1, 0]);
    expect(nosy.got).toEqual([]);
    expect(heard()).toEqual([{ token: 'terminal-2', ref: 'own' }]);
  });

  it('says that the password is wrong', async () => {
    const [outcome] = await open({ password: 'wrong' }).send([outbound('terminal-1')], never);
    expect(outcome).toMatchObject({ class: 'bad_config' });
    expect(JSON.stringify(outcome)).not.toContain('wrong"');
  });
});
