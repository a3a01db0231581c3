import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppLogger, checkDistributedEnvironment, checkMasterKey, startHealthServer, whyNotStarted } from '#platform';
import { CONSUMER_OPTIONS, connectConsumers, type ConnectOptions } from './connect-consumers.js';

export interface ConsumerAppOptions extends ConnectOptions {
  /** Port of /health and /metrics where HEALTH_PORT is not set. */
  healthPort: number;
}

/** The whole main of a process that serves no HTTP: boots, probes, consumes, and ends in order on SIGTERM. */
export async function runConsumerApp(rootModule: Type, { healthPort, ...options }: ConsumerAppOptions): Promise<void> {
  try {
    checkDistributedEnvironment(); // before anything connects
    const app = await NestFactory.createMicroservice(rootModule, {
      ...CONSUMER_OPTIONS,
      logger: false, // until ours is there; what stops the boot is thrown and printed once
      abortOnError: false,
    });
    app.useLogger(app.get(AppLogger));
    await checkMasterKey(app);
    app.enableShutdownHooks([], { useProcessExit: true });
    await connectConsumers(app, options); // no app.init() before it: see CONSUMER_OPTIONS
    await startHealthServer(app, healthPort);
  } catch (error) {
    process.stderr.write(`${whyNotStarted(error)}\n`);
    process.exit(1);
  }
}
