import { execFileSync, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const IN_CONTEXT = [
  '.dockerignore',
  '.npmrc',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
const CACHE = '/var/cache/npm';

/** What the image says about itself, as Docker would read it. */
export interface ImageConfig {
  User: string;
  Entrypoint: string[];
  Cmd: string[];
  Env: string[];
  WorkingDir: string;
  Labels: Record<string, string>;
  Healthcheck?: { Test: string[] };
}

export interface BuiltImage {
  config: ImageConfig;
  /** Everything `inspect` shows, history included. */
  inspected: string;
  /** Where the file system of a container stands on this machine. */
  mount: string;
  /** Runs a command in the container as the image's user. */
  run(...command: string[]): SpawnSyncReturns<string>;
  remove(): void;
}

/**
 * Builds docker/Dockerfile without an engine and without a registry of images: the base is made of this machine's own
 * Node and npm. `planted` are files put into the build context that must not get into the image. Takes about a minute.
 */
export function buildImage(app: string, planted: Readonly<Record<string, string>>): BuiltImage {
  const home = mkdtempSync(join(tmpdir(), 'message-center-image-'));
  const storage = ['--root', join(home, 'store'), '--runroot', join(home, 'run'), '--storage-driver', 'vfs'];
  const buildah = (...args: string[]): string =>
    execFileSync('buildah', [...storage, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64e6,
    });
  try {
    makeBase(join(home, 'base'));
    buildah('bud', '--isolation', 'chroot', '--format', 'docker', '-t', 'localhost/base', join(home, 'base'));
    const context = join(home, 'context');
    makeContext(context, planted);
    const npmCache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8', cwd: tmpdir() }).trim();
    mkdirSync(npmCache, { recursive: true });
    buildah(
      ...['bud', '--isolation', 'chroot', '--format', 'docker', '--volume', `${npmCache}:${CACHE}`],
      ...['--build-arg', 'BASE=localhost/base', '--build-arg', `APP=${app}`],
      ...['-t', 'localhost/app', '-f', join(context, 'docker/Dockerfile'), context],
    );
    const container = buildah('from', 'localhost/app').trim();
    const inspected = buildah('inspect', '--type', 'image', 'localhost/app');
    const { Docker } = JSON.parse(inspected) as { Docker: { config: ImageConfig } };
    return {
      config: Docker.config,
      inspected,
      mount: buildah('mount', container).trim(),
      run: (...command) =>
        spawnSync('buildah', [...storage, 'run', '--isolation', 'chroot', container, '--', ...command], {
          encoding: 'utf8',
        }),
      remove: () => {
        buildah('umount', container);
        rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`the image cannot be built: ${stderr.slice(-4_000)}`, { cause: error });
  }
}

/** A copy, so that the build sees one state of the sources and the planted files are never in the work tree. */
function makeContext(context: string, planted: Readonly<Record<string, string>>): void {
  for (const folder of ['apps', 'libs', 'scripts', 'docker'])
    cpSync(join(ROOT, folder), join(context, folder), { recursive: true });
  for (const file of IN_CONTEXT) copyFileSync(join(ROOT, file), join(context, file));
  for (const [path, text] of Object.entries(planted)) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), text);
  }
}

/** Node, npm, a shell, and the libraries they load. */
function makeBase(home: string): void {
  const rootfs = join(home, 'rootfs');
  const put = (from: string, to = from): void => {
    mkdirSync(dirname(join(rootfs, to)), { recursive: true });
    copyFileSync(from, join(rootfs, to));
  };
  put(process.execPath, '/usr/bin/node');
  put('/usr/bin/env');
  put('/bin/sh');
  const npm = resolve(dirname(process.execPath), '../lib/node_modules/npm');
  cpSync(npm, join(rootfs, 'usr/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(rootfs, 'usr/bin/npm'));
  for (const tool of ['node', 'env']) for (const library of librariesOf(join(rootfs, 'usr/bin', tool))) put(library);
  for (const library of librariesOf(join(rootfs, 'bin/sh'))) put(library);
  mkdirSync(join(rootfs, 'tmp'));
  chmodSync(join(rootfs, 'tmp'), 0o1777);
  // Where the machine trusts an authority of its own, npm inside must trust it as well.
  const authority = process.env['NODE_EXTRA_CA_CERTS'];
  if (authority && existsSync(authority)) put(authority, '/etc/ssl/extra.pem');
  const trust = authority ? 'NODE_EXTRA_CA_CERTS=/etc/ssl/extra.pem ' : '';
  writeFileSync(
    join(home, 'Dockerfile'),
    `FROM scratch\nCOPY rootfs /\nENV PATH=/usr/bin:/bin HOME=/tmp ${trust}npm_config_cache=${CACHE}\n`,
  );
}

const librariesOf = (program: string): string[] =>
  execFileSync('ldd', [program], { encoding: 'utf8' })
    .match(/\/\S+/g)
    ?.filter((path) => !path.endsWith(':')) ?? [];
