// Compiles apps and libs into dist/ and bundles the programs into dist/bundle/ when a source changed. Types are not checked here (`npm run types` does).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './lib/bundle.mjs';
import { withLock } from './lib/lock.mjs';
import { ROOT, giveUp, seconds } from './lib/project.mjs';

const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.stamp');
const SETTINGS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'node_modules/typescript/package.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/lib/bundle.mjs',
];

/** Safe to call from several processes at once. Ends the process with one line when the sources do not compile. */
export async function build() {
  if (isBuilt(sources())) return;
  mkdirSync(DIST, { recursive: true });
  await withLock(join(DIST, '.lock'), 'building', async () => {
    const before = sources(); // what is changed while the compiler runs is compiled next time
    if (isBuilt(before)) return;
    const startedAt = Date.now();
    rmSync(STAMP, { force: true });
    compile();
    copyAssets(before);
    removeLeftOvers(before);
    await bundle();
    writeFileSync(STAMP, stampOf(before));
    console.error(`built in ${seconds(startedAt)}`);
  });
}

/** Files below apps/ and libs/ that dist mirrors, in a fixed order. */
function sources() {
  const inside = (folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length + 1))
      .filter((path) => /^(?:apps|libs)\/[^/]+\/src\//.test(path.replaceAll('\\', '/')) && !path.endsWith('.spec.ts'));
  return [...inside('apps'), ...inside('libs')].sort();
}

const isCode = (path) => path.endsWith('.ts');
const outputOf = (path) => join(DIST, isCode(path) ? path.replace(/\.ts$/, '.js') : path);

function isBuilt(files) {
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== stampOf(files)) return false;
  return files.every((file) => file.endsWith('.d.ts') || existsSync(outputOf(file)));
}

function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of [...SETTINGS, ...files]) {
    const { mtimeMs, size } = statSync(join(ROOT, file));
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
}

function compile() {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) giveUp(`The sources do not compile:\n${stdout.trim()}`);
}

/** Pages, schemas and pictures stand in dist at the same place as in the sources. */
function copyAssets(files) {
  for (const file of files.filter((path) => !isCode(path))) {
    mkdirSync(dirname(outputOf(file)), { recursive: true });
    copyFileSync(join(ROOT, file), outputOf(file));
  }
}

/** What a deleted source left behind would still be found by an import. */
function removeLeftOvers(files) {
  const wanted = new Set(files.flatMap((file) => [outputOf(file), `${outputOf(file)}.map`]));
  for (const folder of ['apps', 'libs']) {
    for (const entry of readdirSync(join(DIST, folder), { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      if (entry.isFile() && !wanted.has(path)) rmSync(path);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build();
