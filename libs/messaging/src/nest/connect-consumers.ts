import type { INestApplication, INestMicroservice } from '@nestjs/common';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { TransportStrategy } from './transport.strategy.js';

export interface ConnectOptions {
  /** Handlers to attach; all of them unless given. A replica of the channel-worker serves its own channels only. */
  serves?(pattern: string): boolean;
}

/**
 * For a process without HTTP: `NestFactory.createMicroservice(RootModule, CONSUMER_OPTIONS)`. Leave its `init()` alone:
 * followed by `listen()`, or even by itself, Nest 12.1 runs every init hook twice. `connectConsumers` does what is needed.
 */
export const CONSUMER_OPTIONS: AsyncMicroserviceOptions = {
  inject: [TransportStrategy],
  useFactory: (strategy: TransportStrategy) => ({ strategy }),
};

/**
 * Initialises the app unless that is done, then attaches every `@Consume` and `@Answer` handler: nothing is handled
 * before the modules are ready. Resolves when the first attempt has succeeded or failed: a broker that is away keeps no
 * process from starting, it is connected to when it comes back.
 * @throws AppError `TWO_HANDLERS`, `NO_CONTRACT`, or `UNROUTABLE` for a queue the suite does not have
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
  await app.init();
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
}
