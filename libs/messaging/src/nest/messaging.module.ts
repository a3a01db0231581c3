import { hostname } from 'node:os';
import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ALL_QUEUES } from '#contracts';
import { AppLogger, HealthRegistry, RabbitConfig, ShutdownConfig, dispositionOf, failpoint, jitterMs } from '#platform';
import { settledWithin } from '../in-flight.js';
import { InProcessTransport } from '../in-process/in-process-transport.js';
import { MessageBus } from '../message-bus.js';
import { RabbitTransport } from '../rabbit/rabbit-transport.js';
import { Transport, type TransportOptions } from '../transport.js';
import { TransportStrategy } from './transport.strategy.js';

/** A broker that does not answer holds up the start of a process no longer than this. */
const FIRST_CONNECT_MS = 3_000;
/** Doorbells are small: at 10,000 a queue the whole broker stays below some 20 MB. */
const IN_PROCESS_QUEUE_BOUND = 10_000;

function createTransport(config: RabbitConfig, shutdown: ShutdownConfig, logger: AppLogger): Transport {
  const options: TransportOptions = {
    queues: ALL_QUEUES,
    logger,
    dispositionOf,
    jitterMs,
    publishDeadlineMs: config.RABBITMQ_PUBLISH_DEADLINE_MS,
    retryDelayMs: 200,
    drainDeadlineMs: shutdown.SHUTDOWN_DRAIN_S * 1000,
    failpoint,
  };
  const urls = config.RABBITMQ_URL;
  if (!urls) return new InProcessTransport({ ...options, queueBound: IN_PROCESS_QUEUE_BOUND });
  return new RabbitTransport({
    ...options,
    urls,
    name: `${hostname()}:${process.pid}`,
    heartbeatS: 10,
    refreshIdleMs: 60_000,
    prefix: '',
  });
}

/**
 * `MessageBus` for everybody: over RabbitMQ when it is configured, else inside the process, which is enough only where the whole
 * center is one process: the mains of single apps insist on a broker (`checkDistributedEnvironment`). May be imported by
 * several root modules of one app, which then share it. Needs PlatformModule.
 */
@Module({
  providers: [
    { provide: Transport, useFactory: createTransport, inject: [RabbitConfig, ShutdownConfig, AppLogger] },
    { provide: MessageBus, useExisting: Transport },
    {
      provide: TransportStrategy,
      useFactory: (transport: Transport, config: RabbitConfig) =>
        new TransportStrategy(transport, config.RABBITMQ_PREFETCH),
      inject: [Transport, RabbitConfig],
    },
  ],
  exports: [MessageBus, TransportStrategy],
})
export class MessagingModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly transport: Transport,
    private readonly strategy: TransportStrategy,
    private readonly health: HealthRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    this.health.register('broker', () => {
      const { detail } = this.transport.state();
      // A process that only publishes works without the broker: the rows it writes are the record.
      return { ok: detail === undefined || !this.strategy.hasHandlers, ...(detail === undefined ? {} : { detail }) };
    });
    await settledWithin(this.transport.open(), FIRST_CONNECT_MS);
  }

  /** After the consumers have been drained: their handlers publish to the very end. */
  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }
}
