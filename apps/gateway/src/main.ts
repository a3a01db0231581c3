import { connectConsumers } from '#messaging';
import {
  HttpConfig,
  checkDistributedEnvironment,
  checkMasterKey,
  startHealthServer,
  untilListening,
  whyNotStarted,
} from '#platform';
import { GatewayModule, createGatewayApp } from './gateway.module.js';

const HEALTH_PORT = 3100;

try {
  checkDistributedEnvironment(); // before anything connects
  const app = await createGatewayApp(GatewayModule);
  await checkMasterKey(app);
  const { HOST, PORT } = app.get(HttpConfig);
  app.enableShutdownHooks([], { useProcessExit: true });
  await app.init();
  await startHealthServer(app, HEALTH_PORT);
  await connectConsumers(app);
  const wanted = { setting: 'PORT', port: PORT, host: HOST, purpose: 'HTTP', mayBeNone: false };
  await untilListening(app.listen(PORT, HOST), wanted);
} catch (error) {
  process.stderr.write(`${whyNotStarted(error)}\n`);
  process.exit(1);
}
