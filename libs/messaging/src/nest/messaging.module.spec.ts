import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Global, Injectable, Module, type INestApplication, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppError, ChannelTestV1, DeliveryRequestedV1, QUEUES, RPC, ReceiptArrivedV1 } from '#contracts';
import { AppLogger, HealthRegistry, RabbitConfig, ShutdownConfig } from '#platform';
import { eventually, gate } from '../../../../test/broker/messaging/eventually.js';
import { MessageBus } from '../message-bus.js';
import { CONSUMER_OPTIONS, connectConsumers } from './connect-consumers.js';
import { Answer, Consume } from './consume.decorator.js';
import { MessagingModule } from './messaging.module.js';

const SMS = QUEUES.deliveryRequested('sms');
const MAIL = QUEUES.deliveryRequested('mail');

@Injectable()
class Journal {
  readonly deliveries: DeliveryRequestedV1[] = [];
  receipts = 0;
  bootstraps = 0;
  bootstrapsAtFirst?: number;
  hold?: Promise<void>;

  onApplicationBootstrap(): void {
    this.bootstraps += 1;
  }
}

@Controller()
class DeliveryConsumer {
  constructor(private readonly journal: Journal) {}

  @Consume([SMS, MAIL], DeliveryRequestedV1, { prefetch: 5 })
  async deliver(request: DeliveryRequestedV1): Promise<void> {
    this.journal.bootstrapsAtFirst ??= this.journal.bootstraps;
    await this.journal.hold;
    this.journal.deliveries.push(request);
  }

  @Answer(RPC.channelTest('sms'), ChannelTestV1)
  test({ address }: ChannelTestV1): Promise<object> {
    if (address === 'nobody') throw new AppError('NO_ACCOUNT', 'not_found', 'No account.', { address });
    if (address === 'broken') throw new TypeError('secret');
    return Promise.resolve({ outcome: 'ok', provider: address });
  }
}

@Controller()
class ReceiptConsumer {
  constructor(private readonly journal: Journal) {}

  @Consume(QUEUES.receiptArrived, ReceiptArrivedV1)
  match(): void {
    this.journal.receipts += 1;
    if (this.journal.receipts === 1) throw new AppError('TRY_AGAIN', 'transient', 'Try again.');
  }
}

/** Stands for PlatformModule with nothing configured. */
@Global()
@Module({
  providers: [
    Journal,
    { provide: RabbitConfig, useFactory: () => new RabbitConfig() },
    { provide: ShutdownConfig, useFactory: () => new ShutdownConfig() },
    { provide: AppLogger, useFactory: () => new AppLogger({ level: 'silent' }) },
    { provide: HealthRegistry, useFactory: () => new HealthRegistry() },
  ],
  exports: [Journal, RabbitConfig, ShutdownConfig, AppLogger, HealthRegistry],
})
class SurroundingsModule {}

@Module({ imports: [SurroundingsModule, MessagingModule], controllers: [DeliveryConsumer] })
class WorkerModule {}

@Module({ imports: [SurroundingsModule, MessagingModule], controllers: [ReceiptConsumer] })
class ReportingModule {}

@Module({ imports: [WorkerModule, ReportingModule] })
class StandaloneModule {}

@Module({ imports: [WorkerModule], controllers: [DeliveryConsumer] })
class TwiceModule {}

type App = INestApplication | INestMicroservice;
const asHybrid = (root: new () => object): Promise<App> =>
  NestFactory.create(root, new FastifyAdapter(), { logger: false, abortOnError: false });
const asMicroservice = (root: new () => object): Promise<App> =>
  NestFactory.createMicroservice(root, { ...CONSUMER_OPTIONS, logger: false, abortOnError: false });

describe.each([
  ['an application with HTTP', asHybrid],
  ['a process without HTTP', asMicroservice],
])('messaging in %s', (_, create) => {
  let app: App;
  beforeEach(async () => {
    app = await create(StandaloneModule);
  });
  afterEach(() => app.close());

  it('hands messages of every root module to their handlers, once the app is ready', async () => {
    await app.get(MessageBus).publish(SMS, { channel: 'sms', workIds: [1] });
    await connectConsumers(app);
    await app.get(MessageBus).publish(MAIL, { channel: 'mail', workIds: [2] });
    const journal = app.get(Journal, { strict: false });
    const deliveries = await eventually(
      () => journal.deliveries,
      ({ length }) => length === 2,
    );
    expect(deliveries).toEqual([
      { channel: 'sms', workIds: [1] },
      { channel: 'mail', workIds: [2] },
    ]);
    expect(deliveries[0]).toBeInstanceOf(DeliveryRequestedV1);
    expect(journal.bootstrapsAtFirst).toBe(1);
    await app.get(MessageBus).publish(QUEUES.receiptArrived, {});
    await eventually(
      () => journal.receipts,
      (count) => count === 2, // the first call failed and was tried again
    );
  });

  it('serves only what it is told to', async () => {
    await connectConsumers(app, { serves: (pattern) => pattern !== MAIL });
    const bus = app.get(MessageBus);
    await bus.publish(MAIL, { channel: 'mail', workIds: [1] });
    await bus.publish(SMS, { channel: 'sms', workIds: [2] });
    const { deliveries } = app.get(Journal, { strict: false });
    await eventually(
      () => deliveries.length,
      (length) => length > 0,
    );
    expect(deliveries).toEqual([{ channel: 'sms', workIds: [2] }]);
    await expect(bus.depth(MAIL)).resolves.toBe(1);
  });

  it('carries the error a handler threw, not "Internal server error"', async () => {
    await connectConsumers(app);
    const ask = (address: string): Promise<unknown> =>
      app.get(MessageBus).request(RPC.channelTest('sms'), { channel: 'sms', address }, 2_000);
    await expect(ask('acme')).resolves.toEqual({ outcome: 'ok', provider: 'acme' });
    await expect(ask('nobody')).rejects.toMatchObject({
      code: 'NO_ACCOUNT',
      kind: 'not_found',
      message: 'No account.',
      details: { address: 'nobody' },
    });
    await expect(ask('broken')).rejects.toMatchObject({ code: 'INTERNAL', kind: 'bug' });
  });

  it('waits for the running handler when the app closes', async () => {
    await connectConsumers(app);
    const journal = app.get(Journal, { strict: false });
    const { opened, open } = gate();
    journal.hold = opened;
    await app.get(MessageBus).publish(SMS, { channel: 'sms', workIds: [1] });
    await eventually(
      () => journal.bootstrapsAtFirst,
      (bootstraps) => bootstraps === 1,
    );
    const closed = app.close().then(() => journal.deliveries.length);
    setImmediate(open);
    await expect(closed).resolves.toBe(1);
  });

  it('tells readiness how the broker is', async () => {
    await connectConsumers(app);
    const { checks } = await app.get(HealthRegistry).readiness();
    expect(checks).toEqual({ broker: { ok: true } });
  });
});

it('refuses two handlers of one queue', async () => {
  const app = await asHybrid(TwiceModule);
  await expect(connectConsumers(app)).rejects.toMatchObject({ code: 'TWO_HANDLERS' });
  await app.close();
});
