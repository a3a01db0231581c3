import type { INestApplicationContext } from '@nestjs/common';
import { HealthConfig } from '../config/health.config.js';
import { AppLogger } from '../logging/app-logger.js';
import { HealthServer } from './health-server.js';

/**
 * Called once by the main of a process, after `app.enableShutdownHooks()` and `app.init()`: root modules cannot do it, several of
 * them may share a process. Without the shutdown hooks SIGTERM would no longer end the process.
 * @param defaultPort of this app, used where HEALTH_PORT is not set
 * @param options `elseAnyPort`: where HEALTH_PORT is not set and the default is taken, any free port does
 * @returns the port, or `null` where HEALTH_PORT=0 switches it off
 * @throws AppError `HEALTH_PORT_UNUSABLE` (permanent) with a line for the operator
 */
export async function startHealthServer(
  app: INestApplicationContext,
  defaultPort: number,
  { elseAnyPort = false } = {},
): Promise<number | null> {
  const config = app.get(HealthConfig, { strict: false });
  const wanted = config.HEALTH_PORT ?? defaultPort;
  if (wanted === 0) return null;
  const server = app.get(HealthServer, { strict: false });
  const port = await server.listen(wanted, config.HEALTH_HOST).catch((error: unknown) => {
    if (!elseAnyPort || config.HEALTH_PORT !== undefined) throw error;
    return server.listen(0, config.HEALTH_HOST);
  });
  app.get(AppLogger, { strict: false }).info({ port, host: config.HEALTH_HOST }, 'health and metrics listening');
  return port;
}
