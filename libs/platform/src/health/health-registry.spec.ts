import { describe, expect, it, jest } from '@jest/globals';
import { HealthRegistry, type CheckResult } from './health-registry.js';

describe('HealthRegistry', () => {
  it('is ready without checks and while every check says so', async () => {
    const registry = new HealthRegistry();
    await expect(registry.readiness()).resolves.toEqual({ status: 'ready', checks: {} });
    registry.register('database', () => ({ ok: true }));
    registry.register('broker', async () => ({ ok: true, detail: '2 connections' }));
    await expect(registry.readiness()).resolves.toEqual({
      status: 'ready',
      checks: { database: { ok: true }, broker: { ok: true, detail: '2 connections' } },
    });
  });

  it('is not ready when one check fails, throws or rejects, and shows codes but no texts', async () => {
    const registry = new HealthRegistry();
    registry.register('fails', () => ({ ok: false, detail: 'blocked' }));
    registry.register('throws', () => {
      throw Object.assign(new Error('postgres://u:canary@db'), { code: 'ECONNREFUSED' });
    });
    registry.register('rejects', () => Promise.reject(new TypeError('canary')));
    registry.register('rejects oddly', () => Promise.reject('canary'));
    const readiness = await registry.readiness();
    expect(readiness).toMatchObject({
      status: 'not_ready',
      checks: {
        fails: { ok: false, detail: 'blocked' },
        throws: { ok: false, detail: 'ECONNREFUSED' },
        rejects: { ok: false, detail: 'TypeError' },
        'rejects oddly': { ok: false, detail: 'failed' },
      },
    });
    expect(JSON.stringify(readiness)).not.toContain('canary');
  });

  it('counts a check that does not answer as failed', async () => {
    const registry = new HealthRegistry(20);
    registry.register('hangs', () => new Promise(() => undefined));
    await expect(registry.readiness()).resolves.toEqual({
      status: 'not_ready',
      checks: { hangs: { ok: false, detail: 'no answer within 20 ms' } },
    });
  });

  it('runs the checks once for all who ask at the same time, and anew afterwards', async () => {
    const registry = new HealthRegistry();
    const check = jest.fn(async (): Promise<CheckResult> => ({ ok: true }));
    registry.register('database', check);
    await Promise.all([registry.readiness(), registry.readiness(), registry.readiness()]);
    expect(check).toHaveBeenCalledTimes(1);
    await registry.readiness();
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('refuses a second check of the same name, until the first is taken away', () => {
    const registry = new HealthRegistry();
    const remove = registry.register('broker', () => ({ ok: true }));
    expect(() => registry.register('broker', () => ({ ok: true }))).toThrow(expect.objectContaining({ kind: 'bug' }));
    remove();
    expect(() => registry.register('broker', () => ({ ok: true }))).not.toThrow();
  });

  it('is stopping from the first moment of a shutdown, even when all is well', async () => {
    const registry = new HealthRegistry();
    registry.register('database', () => ({ ok: true }));
    registry.beginShutdown();
    await expect(registry.readiness()).resolves.toMatchObject({
      status: 'stopping',
      checks: { database: { ok: true } },
    });
  });
});
