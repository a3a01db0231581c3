import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { portUnusable } from '../errors/port-unusable.js';
import { Metrics } from '../metrics/metrics.js';
import { pathOf } from '../net/request-target.js';
import { HealthRegistry } from './health-registry.js';

interface Answer {
  status: number;
  type: string;
  body: string;
}

const LISTENER = { setting: 'HEALTH_PORT', purpose: 'health and metrics', mayBeNone: true };

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const text = (status: number, body: string): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

/**
 * Probes and metrics of one process on a listener of their own, so that they are never public: `/health/live` 200 while the event loop
 * turns, `/health/ready` 200 or 503 with `{status, checks}`, `/metrics` for Prometheus. Stays up while the process drains and closes last.
 */
@Injectable()
export class HealthServer implements OnModuleDestroy, OnApplicationShutdown {
  private server: Server | null = null;
  private readonly onSignal = (): void => this.registry.beginShutdown();

  constructor(
    private readonly registry: HealthRegistry,
    private readonly metrics: Metrics,
  ) {}

  /**
   * @param port 0 takes any free one
   * @returns the port it listens on
   * @throws AppError `HEALTH_PORT_UNUSABLE` (permanent)
   */
  async listen(port: number, host: string): Promise<number> {
    const server = createServer(
      { maxHeaderSize: 8192, requestTimeout: 5_000, headersTimeout: 5_000 },
      (request, response) => {
        const path = pathOf(request.url ?? '/');
        const answer = request.method === 'GET' ? this.answer(path) : Promise.resolve(text(405, 'GET only'));
        answer.then(
          (ready) => send(response, ready),
          () => send(response, text(500, 'unexpected error')),
        );
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(portUnusable({ ...LISTENER, port, host }, error)));
      server.listen(port, host, resolve);
    });
    this.server = server;
    // Global modules are destroyed last, when the others have drained already; the signal itself comes first.
    for (const signal of STOP_SIGNALS) process.prependListener(signal, this.onSignal);
    return (server.address() as AddressInfo).port;
  }

  /** For a shutdown that no signal began. */
  onModuleDestroy(): void {
    this.registry.beginShutdown();
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = null;
    for (const signal of STOP_SIGNALS) process.off(signal, this.onSignal);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  private async answer(path: string): Promise<Answer> {
    switch (path) {
      case '/health/live':
        return text(200, 'live');
      case '/health/ready': {
        const readiness = await this.registry.readiness();
        const status = readiness.status === 'ready' ? 200 : 503;
        return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(readiness) };
      }
      case '/metrics':
        return { status: 200, type: this.metrics.contentType, body: await this.metrics.exposition() };
      default:
        return text(404, 'not found');
    }
  }
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { 'content-type': answer.type, 'cache-control': 'no-store' });
  response.end(answer.body);
}
