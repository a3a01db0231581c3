import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rawStatus } from '../../../../test/support/raw-request.js';
import { Metrics } from '../metrics/metrics.js';
import { HealthRegistry } from './health-registry.js';
import { HealthServer } from './health-server.js';

describe('HealthServer', () => {
  let registry: HealthRegistry;
  let metrics: Metrics;
  let server: HealthServer;
  let base: string;

  beforeEach(async () => {
    registry = new HealthRegistry();
    metrics = new Metrics();
    server = new HealthServer(registry, metrics);
    base = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  });
  afterEach(() => server.onApplicationShutdown());

  it('is live whatever the checks say', async () => {
    registry.register('database', () => ({ ok: false }));
    expect((await fetch(`${base}/health/live`)).status).toBe(200);
  });

  it('answers readiness as status and JSON', async () => {
    let ok = true;
    registry.register('database', () => ({ ok, detail: 'd' }));
    const ready = await fetch(`${base}/health/ready`);
    expect(ready.status).toBe(200);
    expect(ready.headers.get('cache-control')).toBe('no-store');
    expect(await ready.json()).toEqual({ status: 'ready', checks: { database: { ok: true, detail: 'd' } } });
    ok = false;
    const notReady = await fetch(`${base}/health/ready`);
    expect(notReady.status).toBe(503);
    expect(await notReady.json()).toMatchObject({ status: 'not_ready' });
  });

  it('turns red when the shutdown begins but stays up until it ends', async () => {
    server.onModuleDestroy();
    const stopping = await fetch(`${base}/health/ready`);
    expect(stopping.status).toBe(503);
    expect(await stopping.json()).toMatchObject({ status: 'stopping' });
    expect((await fetch(`${base}/health/live`)).status).toBe(200);
    await server.onApplicationShutdown();
    await expect(fetch(`${base}/health/live`)).rejects.toThrow();
    await expect(server.onApplicationShutdown()).resolves.toBeUndefined();
  });

  it('turns red with the very signal that asks the process to stop', async () => {
    // The listeners are called, not the signal sent: this process is to go on.
    const listeners = process.listeners('SIGTERM');
    expect(process.listeners('SIGINT')[0]).toBe(listeners[0]);
    listeners[0]?.('SIGTERM');
    expect((await fetch(`${base}/health/ready`)).status).toBe(503);
    await server.onApplicationShutdown();
    expect(process.listeners('SIGTERM')).toHaveLength(listeners.length - 1);
  });

  it.each([
    ['//', 404],
    ['//[', 404],
    ['http://[', 404],
    ['http://[/health/live', 200],
    ['http://any/health/live?x', 200],
  ])('answers the target %s with %d', async (target, status) => {
    expect(await rawStatus(Number(new URL(base).port), target)).toBe(status);
  });

  it('serves the metrics of its own process part', async () => {
    metrics.accepted.inc({ door: 'native' }, 3);
    const answer = await fetch(`${base}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('mc_accepted_total{door="native"} 3');
  });

  it('knows nothing else', async () => {
    expect((await fetch(`${base}/`)).status).toBe(404);
    expect((await fetch(`${base}/health`)).status).toBe(404);
    expect((await fetch(`${base}//health/live`)).status).not.toBe(500);
    expect((await fetch(`${base}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('says in one line that the port is taken', async () => {
    const port = Number(new URL(base).port);
    const failure = await new HealthServer(registry, metrics).listen(port, '127.0.0.1').catch((e: unknown) => e);
    expect(failure).toMatchObject({ code: 'HEALTH_PORT_UNUSABLE', kind: 'permanent' });
    expect((failure as Error).message).toMatch(
      /^Port \d+ of 127\.0\.0\.1 .*is taken by another program: set HEALTH_PORT[^\n]*$/,
    );
  });

  it('says that an address which is not of this machine cannot be used', async () => {
    const other = new HealthServer(registry, metrics);
    await expect(other.listen(0, '192.0.2.1')).rejects.toMatchObject({
      message: expect.stringContaining('EADDRNOTAVAIL'),
    });
  });
});
