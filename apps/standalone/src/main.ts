import { createGatewayApp } from '../../gateway/src/gateway.module.js';
import { runMigrations } from '#entities';
import { connectConsumers } from '#messaging';
import {
  checkEnvironment,
  checkMasterKey,
  DatabaseConfig,
  HealthConfig,
  HttpConfig,
  ImListenerConfig,
  loadConfig,
  RetentionConfig,
  startHealthServer,
  whyNotStarted,
} from '#platform';
import { checkSettings } from './defaults/check-settings.js';
import { prepareStandalone, type Prepared } from './defaults/prepare-standalone.js';
import { reachableHost } from './defaults/reachable-host.js';
import { welcomeLines } from './defaults/welcome.js';
import { EmbeddedMqttBroker } from './embedded-mqtt/embedded-mqtt-broker.js';
import { StandaloneModule } from './standalone.module.js';

/** Another center on this machine may have it: then any free one. */
const HEALTH_PORT = 3100;

// Whoever read it may be gone, or the disk full: no reason to end otherwise than in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Boots everything; answers how to stop it. */
async function start(prepared: Prepared): Promise<() => Promise<void>> {
  checkEnvironment(); // again, with what was made or found in the data folder; before the schema is touched
  const ran = await runMigrations(loadConfig(DatabaseConfig).url, loadConfig(RetentionConfig).PARTITION_WEEKS, say);
  if (ran.length > 0) say(`schema migrated (${ran.length} steps)`);
  const app = await createGatewayApp(StandaloneModule);
  await checkMasterKey(app);
  const { HOST, PORT } = app.get(HttpConfig);
  if (prepared.mqttListener) await app.get(EmbeddedMqttBroker).serve(prepared.mqttListener);
  await app.init();
  const healthPort = await startHealthServer(app, HEALTH_PORT, { elseAnyPort: true });
  await connectConsumers(app);
  await app.listen(PORT, HOST);
  const baseUrl = app.get(HttpConfig).PUBLIC_URL ?? (await app.getUrl()).replace('[::1]', 'localhost');
  const imPort = app.get(ImListenerConfig).IM_WS_PORT;
  const { adminTokenPlace, mqttListener } = prepared;
  const mqttUrl = mqttListener ? process.env['MQTT_URL'] : undefined;
  const healthUrl = healthPort && `http://${reachableHost(app.get(HealthConfig).HEALTH_HOST)}:${healthPort}`;
  const welcome = { baseUrl, adminTokenPlace, imPort, ...(healthUrl && { healthUrl }), ...(mqttUrl && { mqttUrl }) };
  for (const line of welcomeLines(welcome)) say(line);
  return () => app.close();
}

/** A terminal and npm both pass the same Ctrl-C on: signals this close together are one, ms. */
const SAME_SIGNAL_MS = 1000;

/** First signal: end in order. Second one: end now, the rows are safe. */
function stopOnSignal(stop: () => Promise<void>): void {
  let stoppingSince: number | undefined;
  const onSignal = (): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppingSince = performance.now();
    say('stopping …');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

let prepared: Prepared | undefined;
try {
  checkSettings(process.env);
  prepared = await prepareStandalone(process.env, say);
  const { databaseLost, stop } = prepared;
  const stopApp = await start(prepared);
  stopOnSignal(async () => {
    await stopApp();
    await stop();
  });
  void databaseLost.then((reason) => {
    process.stderr.write(`the embedded database ended: ${reason}\n`);
    process.exit(1);
  });
} catch (error) {
  process.stderr.write(`${whyNotStarted(error)}\n`);
  await prepared?.stop();
  process.exit(1);
}
