import type { INestApplication, INestMicroservice } from '@nestjs/common';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { TransportStrategy } from './transport.strategy.js';

export interface ConnectOptions {
  /** Handlers to attach; all of them unless given. A replica of the channel-worker serves its own channels only. */
  serves?(pattern: string): boolean;
}

/** For a process without HTTP: `NestFactory.createMicroservice(RootModule, CONSUMER_OPTIONS)`. */
export const CONSUMER_OPTIONS: AsyncMicroserviceOptions = {
  inject: [TransportStrategy],
  useFactory: (strategy: TransportStrategy) => ({ strategy }),
};

/**
 * Attaches every `@Consume` and `@Answer` handler of the app. Call it after `app.init()`, so that nothing is handled
 * before the modules are ready. Resolves when the first attempt has succeeded or failed: a broker that is away keeps
 * no process from starting, it is connected to when it comes back.
 * @throws AppError `UNROUTABLE` when a handler names a queue the suite does not have (in-process only)
 */
export async function connectConsumers(
  app: INestApplication | INestMicroservice,
  { serves }: ConnectOptions = {},
): Promise<void> {
  const strategy = app.get(TransportStrategy, { strict: false });
  if (serves) strategy.serveOnly(serves);
  if (!('connectMicroservice' in app)) {
    await app.listen();
    return;
  }
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
}
