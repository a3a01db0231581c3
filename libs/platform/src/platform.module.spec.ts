import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { DatabaseSettings } from '#contracts';
import {
  AppLogger,
  ConfigError,
  GuardedHttp,
  HealthConfig,
  HealthRegistry,
  HealthServer,
  Metrics,
  PlatformModule,
  SecretBox,
  startHealthServer,
} from './index.js';

const KEY = 'ab'.repeat(32);
const before = { ...process.env };

const start = async (env: Record<string, string>) => {
  process.env = { LOG_LEVEL: 'silent', ...env };
  const module = await Test.createTestingModule({ imports: [PlatformModule] }).compile();
  return module.init();
};

describe('PlatformModule', () => {
  afterEach(() => {
    process.env = { ...before };
  });

  it('provides what every process has', async () => {
    const app = await start({ DATABASE_URL: 'postgres://u:p@db/mc', MASTER_KEY: KEY, DATABASE_POOL_SIZE: '7' });
    expect(app.get(DatabaseSettings)).toMatchObject({ url: 'postgres://u:p@db/mc', poolSize: 7, lockTimeoutMs: 5000 });
    for (const service of [AppLogger, HealthRegistry, HealthServer, Metrics, GuardedHttp]) {
      expect(app.get(service)).toBeInstanceOf(service);
    }
    const box = app.get(SecretBox);
    expect(box.open(box.seal('s', 'a'), 'a')).toBe('s');
    await app.close();
  });

  it('opens secrets that were sealed with the former master key', async () => {
    const old = await start({ DATABASE_URL: 'postgres://db/mc', MASTER_KEY: KEY });
    const sealed = old.get(SecretBox).seal('secret', 'row');
    await old.close();
    const rotated = await start({
      DATABASE_URL: 'postgres://db/mc',
      MASTER_KEY: 'cd'.repeat(32),
      MASTER_KEY_PREVIOUS: KEY,
    });
    expect(rotated.get(SecretBox).open(sealed, 'row')).toBe('secret');
    await rotated.close();
  });

  it('refuses to start with every problem of every topic in one error', async () => {
    const problems = await start({ PORT: 'x', LOG_LEVEL: 'loud', CHANNELS: 'fax' }).catch((e: unknown) => e);
    expect(problems).toBeInstanceOf(ConfigError);
    expect((problems as ConfigError).problems.map((p) => p.name)).toEqual([
      'PORT',
      'DATABASE_URL',
      'MASTER_KEY',
      'CHANNELS',
      'LOG_LEVEL',
    ]);
  });

  it('lets no process start that asks nobody who he is while others than this machine reach it', async () => {
    const env = { DATABASE_URL: 'postgres://db/mc', MASTER_KEY: KEY, IM_AUTH: 'none', HOST: '0.0.0.0' };
    await expect(start(env)).rejects.toThrow('IM_AUTH: is none while HOST is 0.0.0.0');
  });

  it('serves health on the port of the app until the end of the shutdown', async () => {
    const app = await start({ DATABASE_URL: 'postgres://db/mc', MASTER_KEY: KEY, HEALTH_PORT: '0' });
    await expect(startHealthServer(app, 3100)).resolves.toBeNull();
    app.get(HealthConfig).HEALTH_PORT = undefined;
    const port = await startHealthServer(app, await freePort());
    await expect(fetch(`http://127.0.0.1:${port}/health/ready`)).resolves.toMatchObject({ status: 200 });
    await app.close();
    await expect(app.get(HealthRegistry).readiness()).resolves.toMatchObject({ status: 'stopping' });
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  });

  it('serves health on any free port where the usual one is taken, only if that was asked for and no port was given', async () => {
    const first = await start({ DATABASE_URL: 'postgres://db/mc', MASTER_KEY: KEY });
    const taken = (await startHealthServer(first, await freePort())) ?? 0;
    const second = await start({ DATABASE_URL: 'postgres://db/mc', MASTER_KEY: KEY });
    await expect(startHealthServer(second, taken)).rejects.toMatchObject({ code: 'HEALTH_PORT_UNUSABLE' });
    const other = await startHealthServer(second, taken, { elseAnyPort: true });
    expect(other).toBeGreaterThan(0);
    await expect(fetch(`http://127.0.0.1:${other}/health/live`)).resolves.toMatchObject({ status: 200 });
    const third = await start({ DATABASE_URL: 'postgres://db/mc', MASTER_KEY: KEY, HEALTH_PORT: String(taken) });
    await expect(startHealthServer(third, 3100, { elseAnyPort: true })).rejects.toThrow(`Port ${taken}`);
    await Promise.all([first.close(), second.close(), third.close()]);
  });
});

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
