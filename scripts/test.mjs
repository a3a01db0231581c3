// `npm test [-- jest arguments]`: every tier, on a PostgreSQL and a RabbitMQ found or started here.
// The last line is `N passed, N failed, N skipped` (tests).
import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { build } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { ROOT, giveUp } from './lib/project.mjs';
import { forgetPassed, keepPassed, testedState } from './lib/tests-passed.mjs';

const OUTPUT = join(ROOT, 'test/output');
const extraArguments = process.argv.slice(2);

await ensureInstalled();
await Promise.all([build(), bundlePackages()]);
// What they import is there only now.
const { findOrStartRabbit } = await import('./lib/rabbitmq.mjs');
const { testPostgres } = await import('./lib/test-postgres.mjs');

const services = [];
const stopServices = async () => {
  while (services.length > 0) await services.pop().stop();
};
let running = null;
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    isInterrupted = true;
    running?.kill('SIGTERM');
  });
}

let exitCode = 1;
try {
  exitCode = await runAll();
} catch (error) {
  console.error(error.message);
} finally {
  await stopServices();
}
process.exit(isInterrupted ? 130 : exitCode);

/** In a process of its own: it has to load every package, and would keep them for as long as the tests run. */
async function bundlePackages() {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/test-packages.mjs')], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) giveUp('The packages for the tests could not be bundled.');
}

async function runAll() {
  const postgres = await testPostgres();
  services.push(postgres);
  console.error(`PostgreSQL: ${postgres.from}`);
  const { broker, whyNot } = await findOrStartRabbit(process.env);
  if (broker) services.push(broker);
  console.error(`RabbitMQ: ${broker?.from ?? 'none'}`);
  mkdirSync(OUTPUT, { recursive: true });
  forgetPassed();
  const state = testedState();
  const env = { TEST_DATABASE_URL: postgres.url, BROKER_AVAILABLE: broker ? '1' : '0', ...brokerEnv(broker) };
  const runs = broker
    ? [await jest('all', [], env)]
    : // A pattern that fits no title: the tests of that tier are counted as skipped and none of their code runs.
      [
        await jest('all', ['--ignoreProjects', 'broker'], env),
        await jest('broker', ['--selectProjects', 'broker', '--testNamePattern', '(?!)'], env),
      ];
  const status = conclude(runs, whyNot);
  if (status === 0 && extraArguments.length === 0) keepPassed(state);
  return status;
}

function brokerEnv(broker) {
  return broker ? { ...broker.env, RABBITMQ_URL: broker.url } : {};
}

/** @returns {Promise<{ code: number, result: object | null }>} */
async function jest(name, args, env) {
  const outputFile = join(OUTPUT, `jest-${name}.json`);
  rmSync(outputFile, { force: true });
  // One more than there are cores: half of a test's time is waiting for others.
  const workers = Math.min(4, availableParallelism() + 1);
  const line = [
    '--experimental-vm-modules',
    '--max-semi-space-size=32', // MiB; what a test file loads is young all at once
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    ...args, // first: an option that takes a list would swallow the paths at the end
    `--maxWorkers=${workers}`,
    '--passWithNoTests',
    '--json',
    `--outputFile=${outputFile}`,
    ...extraArguments,
  ];
  // Jest writes its report to stderr, and with --json the whole result to stdout: that one is in the file.
  const child = spawn(process.execPath, line, {
    cwd: ROOT,
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
  running = child;
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (exitStatus) => resolve(exitStatus ?? 1));
  });
  running = null;
  return { code, result: readResult(outputFile) };
}

function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function conclude(runs, whyNoBroker) {
  const results = runs.flatMap(({ result }) => result ?? []);
  const sum = (field) => results.reduce((total, result) => total + result[field], 0);
  const [passed, failed] = [sum('numPassedTests'), sum('numFailedTests')];
  const skipped = sum('numPendingTests') + sum('numTodoTests');
  const brokenSuites = sum('numRuntimeErrorTestSuites');
  console.log('');
  for (const line of skippedSuites(results)) console.log(line);
  const complaints = [];
  if (whyNoBroker) {
    console.log(`skipped: the broker suite, no RabbitMQ: ${whyNoBroker}`);
    if (process.env.REQUIRE_RABBITMQ === '1') complaints.push('REQUIRE_RABBITMQ=1, but there is no RabbitMQ');
  }
  if (brokenSuites > 0) complaints.push(`${brokenSuites} test files could not be run`);
  if (results.length < runs.length) complaints.push('jest ended without a result');
  if (passed + failed === 0) complaints.push('no test was run');
  for (const complaint of complaints) console.log(`failed: ${complaint}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return complaints.length > 0 || failed > 0 || runs.some(({ code }) => code !== 0) ? 1 : 0;
}

function skippedSuites(results) {
  return results
    .flatMap(({ testResults }) => testResults)
    .map(({ name, assertionResults }) => ({
      name: relative(ROOT, name),
      count: assertionResults.filter(({ status }) => status === 'pending' || status === 'todo').length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `skipped: ${count} tests of ${name}`);
}
