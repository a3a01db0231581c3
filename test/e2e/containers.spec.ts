import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/processes.js';
import { buildImage, type BuiltImage } from './containers.image.js';

const ROOT = resolve(import.meta.dirname, '../..');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const isRoot = process.getuid?.() === 0;
const whyNoBuild = !isRoot ? 'needs root' : !has('buildah') ? 'buildah is not installed' : null;
const whyNoCompose = has('docker-compose') ? null : 'docker-compose is not installed';
const titled = (title: string, whyNot: string | null): string => (whyNot ? `${title} (skipped: ${whyNot})` : title);

const CANARY = 'canary-3f9d2c71';
/** Things a work tree may hold and an image may not. */
const PLANTED = {
  '.env': `ADMIN_TOKEN=${CANARY}`,
  'docker/.env': `MASTER_KEY=${CANARY}`,
  '.data/admin-token': CANARY,
  '.git/config': CANARY,
  'apps/gateway/src/.env': CANARY,
  'libs/platform/src/.env.local': CANARY,
};

(whyNoBuild ? describe.skip : describe)(titled('the image of an app', whyNoBuild), () => {
  let image: BuiltImage;
  beforeAll(() => {
    image = buildImage('gateway', PLANTED);
  }, 300_000);
  afterAll(() => image?.remove());

  it('runs as a numeric user, without a shell in front, and tells how to see that it is alive', () => {
    expect(image.config).toMatchObject({
      User: '10001:10001',
      Entrypoint: ['node', '--enable-source-maps'],
      Cmd: ['dist/bundle/app.js'],
      WorkingDir: '/app',
      Healthcheck: { Test: ['CMD', 'node', 'docker/health.mjs'] },
    });
    expect(image.config.Env).toContain('NODE_ENV=production');
    expect(image.config.Labels).toMatchObject({ 'org.opencontainers.image.title': 'message-center-gateway' });
  });

  it('holds neither sources nor specs, no git, no npm settings and no package of development', () => {
    const own = filesBelow(join(image.mount, 'app'), (name) => name !== 'node_modules');
    expect(own.map((path) => basename(path))).toContain('gateway.js');
    expect(own.filter((path) => /\.ts$|\.spec\.|\.git|\.npmrc|package-lock/.test(path))).toEqual([]);
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const development = Object.keys(lock.packages).filter((path) => path && lock.packages[path]?.dev);
    expect(development.length).toBeGreaterThan(100);
    expect(development.filter((path) => existsSync(join(image.mount, 'app', path, 'package.json')))).toEqual([]);
  });

  it('holds no secret of the work tree, neither in a file nor in its history', () => {
    expect(image.inspected).not.toContain(CANARY);
    expect(spawnSync('grep', ['-rlF', CANARY, join(image.mount, 'app')], { encoding: 'utf8' }).stdout).toBe('');
    const named = image.config.Env.filter((line) =>
      /(?:TOKEN|KEY|SECRET|PASSWORD|DATABASE_URL|RABBITMQ_URL)=/.test(line),
    );
    expect(named).toEqual([]);
  });

  it('gives its user nothing to write', () => {
    const all = filesBelow(join(image.mount, 'app'), () => true);
    const writable = all.filter((path) => {
      const { mode, uid, gid } = lstatSync(path);
      return (mode & 0o170000) !== 0o120000 && ((mode & 0o022) !== 0 || uid !== 0 || gid !== 0);
    });
    expect(writable).toEqual([]);
    const attempt = image.run('node', '-e', `fs.writeFileSync('/app/dist/new.js', '')`);
    expect(attempt.stderr).toContain('EACCES');
  });

  it('says what is missing when it is started without settings', () => {
    const { status, stderr } = image.run('node', 'dist/bundle/app.js');
    expect(status).toBe(1);
    expect(stderr).toContain('DATABASE_URL: is not set');
    expect(stderr).toContain('MASTER_KEY: is not set');
    expect(stderr).toContain('RABBITMQ_URL: is not set');
  });

  it('can run the migration', () => {
    const { status, stderr } = image.run('node', 'dist/bundle/migrate.js');
    expect(status).toBe(1);
    expect(stderr).toContain('DATABASE_URL is not set');
  });

  it('is unhealthy while nothing answers', () => {
    expect(image.run('node', 'docker/health.mjs')).toMatchObject({ status: 1 });
  });

  describe('with a database, as process 1 on a read-only file system', () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await testDatabase();
    });
    afterAll(async () => {
      await database?.drop();
    });

    it('becomes healthy, and ends in order on SIGTERM', async () => {
      const [port, healthPort] = await Promise.all([freePort(), freePort()]);
      const env = {
        ...Object.fromEntries(image.config.Env.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string])),
        ...{ DATABASE_URL: database.url, MASTER_KEY: 'ab'.repeat(32), HOST: '127.0.0.1', HEALTH_HOST: '127.0.0.1' },
        // Not there: the gateway works without it, and insists on being told where it will be.
        ...{ PORT: String(port), HEALTH_PORT: String(healthPort), RABBITMQ_URL: 'amqp://127.0.0.1:1' },
      };
      const inside = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" &&
        exec chroot --userspec=10001:10001 "$0" /usr/bin/node /app/dist/bundle/app.js`;
      const namespace = ['--pid', '--fork', '--mount', '--kill-child', 'sh', '-c', inside, image.mount];
      const child = spawn('unshare', namespace, {
        env: { ...env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'exit');
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
      try {
        const checkHealth = () =>
          spawnSync(process.execPath, [join(image.mount, 'app/docker/health.mjs')], { env }).status;
        const deadline = Date.now() + 30_000;
        while (checkHealth() !== 0) {
          if (child.exitCode !== null || Date.now() > deadline)
            throw new Error(`it does not become healthy:\n${output}`);
          await sleep(100);
        }
        const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
        expect(ready.status).toBe(200);
        const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
        const status = readFileSync(`/proc/${first}/status`, 'utf8');
        expect(status).toMatch(/^NSpid:.*\s1$/m);
        expect(status).toMatch(/^Uid:\s+10001\s/m);
        process.kill(Number(first), 'SIGTERM');
        expect(await ended).toEqual([0, null]);
      } finally {
        child.kill('SIGKILL'); // takes the app along
      }
    });
  });
});

describe('the files beside the image', () => {
  const known = new Set(
    readFileSync(join(ROOT, '.env.example'), 'utf8')
      .match(/^#?[A-Z_]+(?==)/gm)
      ?.map((name) => name.replace('#', '')),
  );
  const read = (path: string): string => readFileSync(join(ROOT, 'docker', path), 'utf8');

  it('set only what an app reads', () => {
    const inCompose = [...read('compose.yaml').matchAll(/^ +([A-Z_]+): /gm)].map(([, name = '']) => name);
    const ofServers = /^(?:POSTGRES|RABBITMQ_DEFAULT)_/;
    const inManifests = ['config.yaml', 'gateway.yaml', 'workers.yaml', 'migrate.yaml'].flatMap(
      (file) => read(`k8s/${file}`).match(/(?<=name: )[A-Z_]{4,}|(?<=^ {2})[A-Z_]{4,}(?=: )/gm) ?? [],
    );
    const set = [...inCompose, ...inManifests]
      .filter((name) => !ofServers.test(name))
      .map((name) => name.replace(/_FILE$/, ''));
    expect(set.length).toBeGreaterThan(10);
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it('let an operator of compose set everything but what the file itself decides', () => {
    /** Made of passwords; ports and addresses inside; of one copy of a service; of npm start. */
    const decided =
      /^(?:DATABASE_URL|RABBITMQ_URL|PORT|HOST|HEALTH_.*|IM_AUTH|IM_WS_PORT|CHANNELS|MQTT_PORT|DATA_DIR)$/;
    const settable = [...known].filter((name) => !decided.test(name));
    expect(settable.length).toBeGreaterThan(30);
    expect(settable.filter((name) => !read('compose.yaml').includes(`${name}: \${${name}:`))).toEqual([]);
    expect(settable.filter((name) => !new RegExp(`^#?${name}=`, 'm').test(read('env.example')))).toEqual([]);
  });

  it('pass the alarm webhook on to the app that calls it', () => {
    const reportingOf = (path: string, start: string): string => read(path).split(start)[1] ?? '';
    for (const name of ['ALARM_WEBHOOK_URL', 'ALARM_WEBHOOK_SECRET']) {
      expect(reportingOf('compose.yaml', '\n  reporting:')).toContain(`${name}: \${${name}:-}`);
      expect(reportingOf('k8s/workers.yaml', 'name: reporting\n          image')).toContain(`- name: ${name}\n`);
      expect(read('env.example')).toContain(`#${name}=`);
    }
  });

  it('take the webhook of the IM door: its address where it is told of, its secret where it is posted', () => {
    for (const [app, name] of [
      ['im-sync', 'IM_WEBHOOK_URL'],
      ['reporting', 'IM_WEBHOOK_SECRET'],
    ] as const) {
      expect(read('compose.yaml').split(`\n  ${app}:`)[1]).toContain(`${name}: \${${name}:-}`);
      expect(read('k8s/workers.yaml').split(`name: ${app}\n          image`)[1]).toContain(`- name: ${name}\n`);
      expect(read('env.example')).toContain(`#${name}=`);
    }
  });

  it('cover every app', () => {
    const apps = readdirSync(join(ROOT, 'apps')).filter((name) => name !== 'standalone');
    for (const app of apps) {
      expect(read('compose.yaml')).toContain(`args: { APP: ${app} }`);
      expect(read('k8s/gateway.yaml') + read('k8s/workers.yaml')).toContain(`message-center-${app}:`);
    }
  });

  (whyNoCompose ? it.skip : it)(titled('are a valid compose file once the secrets are given', whyNoCompose), () => {
    const secrets = { POSTGRES_PASSWORD: 'a', RABBITMQ_PASSWORD: 'b', MASTER_KEY: 'c', ADMIN_TOKEN: 'd' };
    const config = (env: Record<string, string>) =>
      spawnSync(
        'docker-compose',
        ['--env-file', join(ROOT, 'docker/env.example'), '-f', join(ROOT, 'docker/compose.yaml'), 'config', '-q'],
        {
          env: { PATH: process.env['PATH'], ...env },
          encoding: 'utf8',
        },
      );
    expect(config(secrets)).toMatchObject({ status: 0, stderr: '' });
    for (const name of Object.keys(secrets)) {
      expect(config({ ...secrets, [name]: '' })).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('see docker/env.example'),
      });
    }
  });
});

function filesBelow(folder: string, enters: (name: string) => boolean): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!enters(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...filesBelow(path, enters)] : [path];
  });
}
