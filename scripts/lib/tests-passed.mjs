// Did every test pass on exactly these files? A check that comes right after `npm test` need not run them again.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './project.mjs';

const STAMP = join(ROOT, 'test/output/.all-passed');
const FOLDERS = ['apps', 'libs', 'test', 'scripts', 'docker'];
const FILES = ['package.json', 'package-lock.json', 'jest.config.ts', 'tsconfig.json', '.env.example'];

/** Names, sizes and times of whatever a test may depend on. */
export function testedState() {
  const inside = (folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length + 1))
      .filter((path) => !path.startsWith('test/output'));
  const hash = createHash('sha256').update(`${process.version}\n`);
  for (const file of [...FILES, ...FOLDERS.flatMap(inside)].sort()) {
    const { mtimeMs, size } = statSync(join(ROOT, file));
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
}

/** @param {string} state as it was before the tests began */
export const keepPassed = (state) => writeFileSync(STAMP, state);
export const forgetPassed = () => rmSync(STAMP, { force: true });
export const havePassed = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === testedState();
