import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { ScriptedMqttBroker } from '../../../../test/support/fakes/mqtt-broker.js';
import { RecordingInbox } from '../../../../test/support/fakes/provider-inbox.js';
import type { ProviderInbox } from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { MqttProvider } from './mqtt.provider.js';
import { MqttSettings } from './mqtt.settings.js';

const PASSWORD = 'mqtt-pass-word';
const ACCOUNT = 'push:terminals';
const never = new AbortController().signal;

const connect = (
  port: number,
  settings: Record<string, unknown> = {},
  inbox: ProviderInbox = new RecordingInbox(),
): MqttProvider =>
  new MqttProvider(
    readSettings(MqttSettings, {
      url: `mqtt://127.0.0.1:${port}`,
      username: 'center',
      password: PASSWORD,
      ...settings,
    }),
    ACCOUNT,
    'worker.1',
    inbox,
    { firstPauseMs: 10, longestPauseMs: 20 },
  );

/** Waits until it is so; the test's own time limit is the only other end. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(5);
}

itIsAChannelProvider(async () => {
  const broker = await ScriptedMqttBroker.start();
  broker.pubackReason = ({ topic }) => (topic === 'device/silent/msg' ? null : 0);
  return {
    provider: connect(broker.port),
    goodAddress: (n) => `device-${n}`,
    refusedAddress: 'a/b',
    silentAddress: 'silent',
    unreachable: connect(1),
    secrets: [PASSWORD],
    accountId: ACCOUNT,
    received: () => broker.published.map((packet) => packet.topic + String(packet.payload)).join('\n'),
    close: () => broker.close(),
  };
});

describe('an MQTT account', () => {
  let broker: ScriptedMqttBroker;
  let provider: MqttProvider | undefined;
  beforeEach(async () => {
    broker = await ScriptedMqttBroker.start();
  });
  afterEach(async () => {
    await provider?.close();
    await broker.close();
  });

  it('publishes to the topic of the device, at QoS 1, what it needs to show and to answer', async () => {
    provider = connect(broker.port);
    const payload = { display: 'message' as const, custom: { open: 'order/7' } };
    const [first, second] = await provider.send(
      [outbound('tok-1', { ref: 'ref-1' }), outbound('b', { ref: 'ref-2', content: { payload } })],
      never,
    );
    expect([first, second]).toEqual([{ class: 'ok' }, { class: 'ok' }]);
    expect(broker.published.map(({ topic, qos, retain }) => [topic, qos, retain])).toEqual([
      ['device/tok-1/msg', 1, false],
      ['device/b/msg', 1, false],
    ]);
    const sentAt: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(broker.published.map(({ payload }) => JSON.parse(String(payload)) as unknown)).toEqual([
      { ref: 'ref-1', kind: 'notification', title: 'A title', body: 'A text', sentAt },
      { ref: 'ref-2', kind: 'message', custom: { open: 'order/7' }, sentAt },
    ]);
  });

  it('tells a broker of version 5 when a message expires', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    provider = connect(broker.port);
    await provider.send([outbound('d', { expiresAt })], never);
    await provider.close();
    provider = connect(broker.port, { protocol: '3.1.1' });
    await provider.send([outbound('d', { expiresAt })], never);
    const [five, three] = broker.published.map(({ properties }) => properties?.messageExpiryInterval);
    expect(five).toBeGreaterThan(50);
    expect(five).toBeLessThanOrEqual(60);
    expect(three).toBeUndefined();
  });

  it('keeps its session and its client id over a restart, unlike that of any other replica or account', async () => {
    provider = connect(broker.port);
    await provider.send([outbound('d')], never);
    await provider.close();
    provider = connect(broker.port);
    await provider.send([outbound('d')], never);
    const [before, after] = broker.connects;
    expect(after).toMatchObject({ clientId: before?.clientId, clean: false, username: 'center' });
    expect(after?.clientId).toMatch(/^message-center-worker-1-[0-9a-f]{6}$/);
    expect(after?.properties).toMatchObject({ sessionExpiryInterval: 86_400 });
  });

  it.each([
    ['answers that it is not spoken', 1],
    ['hangs up', null],
  ])('speaks 3.1.1 to a broker that, asked for version 5, %s', async (_title, code) => {
    broker.connackCode = ({ protocolVersion }) => (protocolVersion === 5 ? code : 0);
    provider = connect(broker.port);
    await expect(provider.send([outbound('d')], never)).resolves.toEqual([{ class: 'ok' }]);
    expect(broker.connects.map(({ protocolVersion }) => protocolVersion)).toEqual([5, 4]);
  });

  it('has no more messages without an answer than the window, nor than the broker takes', async () => {
    broker.receiveMaximum = 7;
    provider = connect(broker.port, { window: 10 });
    await provider.send(
      Array.from({ length: 50 }, (_, i) => outbound(`d-${i}`)),
      never,
    );
    expect(broker.mostOpen).toBe(7);
  });

  it.each([
    [0x10, { class: 'retry', code: '0x10' }],
    [0x87, { class: 'bad_config', code: '0x87' }],
    [0x97, { class: 'rate_limited', code: '0x97' }],
    [0x99, { class: 'bad_content', code: '0x99' }],
    [0x80, { class: 'retry', code: '0x80' }],
  ])('answers the outcome of reason code %d', async (reason, outcome) => {
    broker.pubackReason = () => reason;
    provider = connect(broker.port);
    const [answer] = await provider.send([outbound('d')], never);
    expect(answer).toMatchObject(outcome);
  });

  it('keeps back what is larger than the broker takes: it would hang up', async () => {
    broker.maximumPacketSize = 500;
    provider = connect(broker.port);
    const outcomes = await provider.send(
      [outbound('d'), outbound('d', { content: { text: 'x'.repeat(500) } }), outbound('d')],
      never,
    );
    expect(outcomes.map(({ class: its, code }) => code ?? its)).toEqual(['ok', '0x95', 'ok']);
    expect(broker.published).toHaveLength(2);
  });

  it.each([
    [4, '3.1.1', { class: 'bad_config', code: '0x04' }],
    [3, '3.1.1', { class: 'retry', code: '0x03' }],
    [0x86, '5', { class: 'bad_config', code: '0x86' }],
    [0x89, '5', { class: 'retry', code: '0x89' }],
  ])('tells why it is not let in: code %d of version %s', async (code, protocol, outcome) => {
    broker.connackCode = () => code;
    provider = connect(broker.port, { protocol });
    const [answer] = await provider.send([outbound('d')], never);
    expect(answer).toMatchObject(outcome);
  });

  it('is not usable where the words of the devices cannot be heard', async () => {
    broker.grants = 0x80;
    provider = connect(broker.port, { protocol: '3.1.1' });
    const [answer] = await provider.send([outbound('d')], never);
    expect(answer).toMatchObject({ class: 'bad_config', code: 'subscription_refused' });
  });

  it('does not know what became of messages that were on the way when the connection broke, and connects again', async () => {
    broker.pubackReason = () => null;
    provider = connect(broker.port, { window: 2 });
    const sending = provider.send([outbound('d-1'), outbound('d-2'), outbound('d-3')], never);
    await until(() => broker.published.length === 2);
    broker.dropAll();
    expect((await sending).map((outcome) => outcome.class)).toEqual(['unknown_outcome', 'unknown_outcome', 'retry']);
    broker.pubackReason = () => 0;
    await until(() => broker.connects.length === 2);
    await expect(provider.send([outbound('d-1')], never)).resolves.toEqual([{ class: 'ok' }]);
  });

  it('gives up on a broker that answers nothing, and on its connection', async () => {
    broker.pubackReason = () => null;
    provider = connect(broker.port, { responseTimeoutMs: 100 });
    const [outcome] = await provider.send([outbound('d')], never);
    expect(outcome).toEqual({ class: 'unknown_outcome', code: 'timeout' });
    await until(() => broker.connects.length > 1);
  });
});

describe('what devices say', () => {
  let broker: ScriptedMqttBroker;
  let inbox: RecordingInbox;
  let provider: MqttProvider;
  beforeEach(async () => {
    broker = await ScriptedMqttBroker.start();
    inbox = new RecordingInbox();
    provider = connect(broker.port, { protocol: '3.1.1' }, inbox);
    await provider.send([outbound('d')], never);
  });
  afterEach(async () => {
    await provider.close();
    await broker.close();
  });

  it('is handed on in batches and acknowledged once it is stored', async () => {
    let store: () => void = () => undefined;
    inbox.beforeTake = () => new Promise((resolve) => (store = resolve));
    broker.say('device/tok-1/ack', '{"ref":"r1"}', 1);
    await until(() => inbox.tries === 1);
    for (const id of [2, 3]) broker.say('device/tok-1/ack', `{"ref":"r${id}"}`, id);
    broker.say('device/tok-2/hello', '', 4);
    await provider.send([outbound('another')], never);
    expect(broker.pubacks).toEqual([]);
    inbox.beforeTake = () => Promise.resolve();
    store();
    await until(() => broker.pubacks.length === 4);
    expect(inbox.calls).toEqual([
      { accountId: ACCOUNT, news: { deviceAcks: [{ token: 'tok-1', ref: 'r1' }] } },
      {
        accountId: ACCOUNT,
        news: {
          deviceAcks: ['r2', 'r3'].map((ref) => ({ token: 'tok-1', ref })),
          devicesBack: ['tok-2'],
        },
      },
    ]);
  });

  it('is acknowledged and forgotten where it is garbage', async () => {
    const garbage = ['', 'no json', '[]', 'null', '{"ref":7}', `{"ref":"${'x'.repeat(5000)}"}`];
    garbage.forEach((payload, i) => broker.say('device/tok/ack', payload, i + 1));
    broker.say('device/a/b/ack', '{"ref":"r"}', 98);
    broker.say('elsewhere', '{"ref":"r"}', 99);
    await until(() => broker.pubacks.length === garbage.length + 2);
    expect(inbox.calls).toEqual([]);
  });

  it('is left to the broker where it cannot be stored before the end', async () => {
    inbox.beforeTake = () => Promise.reject(new Error('the database is gone'));
    broker.say('device/tok/ack', '{"ref":"r"}', 1);
    await until(() => inbox.tries > 0);
    await provider.close();
    expect(broker.pubacks).toEqual([]);
  });
});
