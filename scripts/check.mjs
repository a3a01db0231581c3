// `npm run check`: format, lint with the boundaries, types, and the unit tests. The first three run side by side.
import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import { seconds } from './lib/project.mjs';
import { havePassed } from './lib/tests-passed.mjs';

const STATIC = ['types', 'lint', 'format:check'];

const failed = (await Promise.all(STATIC.map(check))).filter((name) => name !== null);
if (havePassed()) {
  console.log('test:unit: passed with `npm test` on these very files, not run again (npm run test:unit runs them)');
} else if ((await run('test:unit', 'inherit')).code !== 0) {
  failed.push('test:unit');
}
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);

/** Answers the name where it failed; what it said is shown in one piece. */
async function check(name) {
  const startedAt = Date.now();
  const { code, output } = await run(name, 'pipe');
  console.log(`${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${seconds(startedAt)}`);
  if (code === 0) return null;
  console.error(output);
  return name;
}

/** @returns {Promise<{ code: number, output: string }>} */
function run(name, stdio) {
  const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', stdio, stdio] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}
