// The unit tests of `npm run check`. Where `npm test` has just passed on the same files they are not run once more.
import { spawnSync } from 'node:child_process';
import { havePassed } from './lib/tests-passed.mjs';

if (havePassed()) {
  console.log('unit tests: passed with `npm test` on these very files, not run again (npm run test:unit runs them)');
} else {
  const { status } = spawnSync('npm', ['run', '--silent', 'test:unit'], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
