import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type ChannelModel } from 'amqplib';
import { ALL_QUEUES, QUEUES, deadLetterQueueOf } from '#contracts';
import { eventually } from '../broker/messaging/eventually.js';
import { BrokerAddress } from '../support/broker-address.js';
import { Center, FIVE_APPS } from '../support/center.js';
import { HAS_BROKER, WITHOUT_BROKER } from '../support/e2e-broker.js';
import { outcomeOf, watchRanks } from '../support/outcome.js';
import { isReady } from '../support/processes.js';
import { hasRabbitServer, startPrivateRabbit, type PrivateRabbit } from '../support/rabbit.js';

const canRun = HAS_BROKER && hasRabbitServer();
const why = HAS_BROKER && !canRun ? ' (skipped: no rabbitmq-server is installed)' : WITHOUT_BROKER;
const WEBHOOK = QUEUES.deliveryRequested('webhook');

(canRun ? describe : describe.skip)(`faults of the broker${why}`, () => {
  let center: Center;
  let rabbit: PrivateRabbit;
  let address: BrokerAddress;

  beforeAll(async () => {
    [rabbit, address] = await Promise.all([startPrivateRabbit(), BrokerAddress.open()]);
    address.leadTo(rabbit.url);
    center = await Center.open({ rabbitUrl: address.url, env: { RABBITMQ_PUBLISH_DEADLINE_MS: '2000' } });
    await watchRanks(center);
    await center.startAll();
  }, 90_000);
  afterAll(async () => {
    await center?.close();
    await address?.close();
    await rabbit?.stop();
  });
  afterEach(async () => {
    expect(await outcomeOf(center)).toMatchObject({ complaints: [], duplicates: 0 });
    for (const name of FIVE_APPS) expect(await isReady(center.app(name).healthPort)).toBe(true);
  });

  it.each([2, 10])('every delivery event published × %d is sent once', async (times) => {
    const connection = await connect(rabbit.url);
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'mc.events', '#');
    let [originals, copies] = [0, 0];
    // A copy of a copy is none of ours.
    await channel.consume(
      queue,
      (message) => {
        if (!message || message.fields.routingKey !== WEBHOOK) return;
        if (message.properties.headers?.['copy']) return void copies++;
        originals++;
        for (let copy = 1; copy < times; copy++) {
          channel.publish('mc.events', WEBHOOK, message.content, { persistent: true, headers: { copy: true } });
        }
      },
      { noAck: true },
    );
    const ids = await Promise.all(Array.from({ length: 19 }, (_, n) => center.sendUntilAccepted([`u${n + 1}`, 'u0'])));
    await center.untilDone(ids);
    await untilEmpty(connection, [WEBHOOK]);
    expect(originals).toBeGreaterThan(0);
    await eventually(
      () => copies,
      (count) => count === originals * (times - 1),
    );
    await connection.close();
  });

  it('parks poison and lets the others flow', async () => {
    const connection = await connect(rabbit.url);
    const channel = await connection.createConfirmChannel();
    const poison = [
      Buffer.from('not JSON'),
      Buffer.from('{"channel":"nothing","workIds":"none","messageIds":7}'),
      Buffer.from(`{"messageIds":["${'x'.repeat(5 * 1024 * 1024)}"]}`),
      Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
      Buffer.from('{"version":99,"of":"a later release"}'),
    ];
    // The doorbells of reporting say nothing, so an object with unknown fields is a doorbell to them.
    const isDoorbell = (queue: string): boolean => queue === QUEUES.deliverySettled || queue === QUEUES.receiptArrived;
    for (const queue of ALL_QUEUES) {
      for (const content of poison) channel.publish('mc.events', queue, content, { persistent: true });
    }
    await channel.waitForConfirms();
    const id = await center.sendUntilAccepted(['u1']);
    await center.untilDone([id]);
    for (const queue of ALL_QUEUES) {
      const parked = isDoorbell(queue) ? poison.length - 2 : poison.length;
      await eventually(
        async () => (await channel.checkQueue(deadLetterQueueOf(queue))).messageCount,
        (count) => count === parked,
      );
    }
    await untilEmpty(connection, ALL_QUEUES);
    await connection.close();
    const calls = FIVE_APPS.map(
      (name) => center.app(name).output().split('message parked in the dead-letter queue').length - 1,
    );
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(ALL_QUEUES.length * poison.length - 2 * 2);
  });

  it('accepts while the broker is stopped, and catches up when it is back', async () => {
    const arrivedBefore = center.sink.deliveries.length;
    await rabbit.stopApp();
    const ids = await sendFifty();
    expect(await isReady(center.app('gateway').healthPort)).toBe(true);
    expect(await isReady(center.app('channel-worker').healthPort)).toBe(false);
    expect(center.sink.deliveries).toHaveLength(arrivedBefore);
    await rabbit.startApp();
    await center.untilDone(ids, 40_000);
    await untilAllReady();
  }, 90_000);

  it('loses nothing with a broker that is killed and comes back empty', async () => {
    const held = await sendFifty(); // some of them lie in its queues at this moment
    address.leadTo(null);
    await rabbit.stop(); // SIGKILL, and its files are gone
    const ids = [...held, ...(await sendFifty())];
    rabbit = await startPrivateRabbit();
    address.leadTo(rabbit.url);
    await untilAllReady();
    await center.passTime(); // what was handed over to the dead broker is due again
    await center.untilDone(ids, 40_000);
  }, 90_000);

  const sendFifty = (): Promise<string[]> =>
    Promise.all(Array.from({ length: 50 }, (_, n) => center.sendUntilAccepted([`u${n % 20}`])));

  async function untilAllReady(): Promise<void> {
    const ready = (): Promise<boolean[]> => Promise.all(FIVE_APPS.map((name) => isReady(center.app(name).healthPort)));
    await eventually(ready, (all) => all.every(Boolean), 30_000);
  }

  /** Nothing waits and nothing is unacknowledged. */
  async function untilEmpty(connection: ChannelModel, queues: readonly string[]): Promise<void> {
    const channel = await connection.createChannel();
    for (const queue of queues) {
      await eventually(
        async () => (await channel.checkQueue(queue)).messageCount,
        (count) => count === 0,
      );
    }
  }
});
