// `npm run start:distributed`: the five apps as processes of their own, for trying it out on one machine.
// DATABASE_URL and RABBITMQ_URL name servers of yours; without them an embedded PostgreSQL and a local or private RabbitMQ serve.
import './lib/node-version.mjs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { CannotStart } from './lib/cannot-start.mjs';
import { hasEnded, startBound, stopBound } from './lib/children.mjs';
import { healthPorts } from './lib/health-ports.mjs';
import { pipeWithPrefix } from './lib/prefixed-output.mjs';
import { ROOT } from './lib/project.mjs';

const APPS = ['gateway', 'dispatcher', 'channel-worker', 'im-sync', 'reporting'];
const READY_TIMEOUT_MS = 60_000;
const DRAIN_MS = 30_000;

/** Whose message says all that a person needs. */
const FOR_PEOPLE = ['CANNOT_START', 'CONFIG_INVALID'];

const dist = (path) => import(join(ROOT, 'dist', path));
const standalone = (path) => dist(join('apps/standalone/src', path));
const say = (line) => console.log(line);

/** What was started, in this order; stopped in the opposite one. */
const started = [];
let isStopping = false;
/** Settles when a person or an accident asks for the end. */
const end = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve({ exitCode: 0 }));
  started.fail = (reason) => resolve({ exitCode: 1, reason });
});

const up = start().catch((error) =>
  started.fail(FOR_PEOPLE.includes(error.code) ? error.message : (error.stack ?? error)),
);
const { exitCode, reason } = await end;
isStopping = true;
if (reason) console.error(reason);
say('stopping …');
await up;
await Promise.all(started.filter(({ isApp }) => isApp).map(({ stop }) => stop()));
for (const { isApp, stop } of started.reverse()) if (!isApp) await stop();
say('stopped');
process.exit(exitCode);

async function start() {
  await ensureInstalled();
  await build();
  const { checkSettings } = await standalone('defaults/check-settings.js');
  const { prepareStandalone } = await standalone('defaults/prepare-standalone.js');
  const { welcomeLines } = await standalone('defaults/welcome.js');
  const { HealthConfig, RabbitConfig, loadConfig } = await dist('libs/platform/src/index.js');
  const { findOrStartRabbit } = await import('./lib/rabbitmq.mjs');

  checkSettings(process.env);
  // The MQTT broker of npm start is a part of its one process: here nobody would serve that port.
  const env = { ...process.env, MQTT_PORT: '0' };
  const prepared = await prepareStandalone(env, say);
  started.push(prepared);
  void prepared.databaseLost.then((words) => started.fail(`The embedded database ended: ${words}`));
  const nodes = loadConfig(RabbitConfig, env).RABBITMQ_URL;
  const { broker, whyNot } = await findOrStartRabbit(nodes ? { RABBITMQ_URL: nodes.join(',') } : {});
  if (!broker) throw new CannotStart(`A RabbitMQ is needed: ${whyNot}`);
  started.push(broker);
  env.RABBITMQ_URL = broker.url;
  delete env.RABBITMQ_URL_FILE; // its content stands in RABBITMQ_URL now, and both together are refused
  if (isStopping) return;
  await migrate(env);
  const baseUrl = `http://${env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST}:${env.PORT}`;
  const ports = [...healthPorts(APPS, loadConfig(HealthConfig, env).HEALTH_PORT)];
  const apps = ports.map(([name, healthPort]) => startApp(name, healthPort, env));
  await Promise.all(apps.map((app) => untilReady(app, baseUrl)));
  if (isStopping) return;
  say('');
  for (const { name, child, healthPort } of apps) {
    const health = healthPort === 0 ? 'no health port' : `http://127.0.0.1:${healthPort}/health/ready`;
    say(`${name.padEnd(16)} process ${String(child.pid).padEnd(8)} ${health}`);
  }
  if (apps.some(({ healthPort }) => healthPort === 0)) {
    say('HEALTH_PORT=0: only the gateway was asked whether it is up, the others may still be starting');
  }
  say(`${'RabbitMQ'.padEnd(16)} ${broker.from}`);
  for (const line of welcomeLines({ baseUrl, adminTokenPlace: prepared.adminTokenPlace })) say(line);
  say('Ctrl-C stops all of them');
}

function migrate(env) {
  const child = startBound(process.execPath, [join(ROOT, 'dist/bundle/migrate.js')], options(env));
  pipeWithPrefix(child, 'migrate');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new CannotStart(`The database at DATABASE_URL was not migrated (exit ${code})`)),
    );
  });
}

function startApp(name, healthPort, env) {
  const main = join(ROOT, `dist/bundle/${name}.js`);
  const child = startBound(
    process.execPath,
    ['--enable-source-maps', main],
    options({ ...env, HEALTH_PORT: String(healthPort) }),
  );
  pipeWithPrefix(child, name);
  child.once('exit', (code, signal) => started.fail(`${name} ended (${code ?? signal})`));
  const stop = async () => {
    if (!(await stopBound(child, DRAIN_MS)))
      console.error(`${name} did not end within ${DRAIN_MS / 1000} s and was killed`);
  };
  started.push({ isApp: true, stop });
  return { name, child, healthPort };
}

function options(env) {
  return { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] };
}

/** Without a health port only the gateway can be asked, and answers as soon as it listens. */
async function untilReady({ name, child, healthPort }, baseUrl) {
  if (healthPort === 0 && name !== 'gateway') return;
  const url = healthPort === 0 ? `${baseUrl}/docs` : `http://127.0.0.1:${healthPort}/health/ready`;
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!isStopping && !hasEnded(child) && !(await isReady(url))) {
    if (Date.now() > deadline) return started.fail(`${name} was not ready within ${READY_TIMEOUT_MS / 1000} s`);
    await sleep(100);
  }
}

async function isReady(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
