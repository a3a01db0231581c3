import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { WebSocketServer, type WebSocket } from 'ws';
import { AppLogger, HealthRegistry, HttpConfig, ImConfig, ImListenerConfig, Metrics, portUnusable } from '#platform';
import { ClientPacketsService } from './client-packets.service.js';
import { isForeignClient } from './foreign-client.policy.js';
import { MAX_PACKET_BYTES } from './protocol/client-protocol.port.js';
import { AcknowledgeCommandsService } from './sending/acknowledge-commands.service.js';
import { ClientSendService } from './sending/client-send.service.js';
import { bytesOf, ClientConnection, WS_CLOSE } from './sessions/client-connection.js';
import { EndSessionsService } from './sessions/end-sessions.service.js';
import { LoginService } from './sessions/login.service.js';
import { TendSessionsJob } from './sessions/tend-sessions.job.js';
import { TokenBucket } from './sessions/token-bucket.js';
import { WatchConnections } from './watch-connections.js';

/** Time for the request that opens a WebSocket, in ms, and its size in bytes. */
const UPGRADE_MS = 5_000;
const UPGRADE_BYTES = 16 * 1024;
/** How long clients may take to close in order when this process ends, in ms. */
const CLOSING_MS = 2_000;

/** The WebSocket listener for clients of instant messages: any path, WKProto in binary frames, JSON-RPC in text frames. */
@Injectable()
export class ImListener implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private server: Server | null = null;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_PACKET_BYTES + 16,
  });

  constructor(
    private readonly packets: ClientPacketsService,
    private readonly watch: WatchConnections,
    private readonly logins: LoginService,
    private readonly sends: ClientSendService,
    private readonly acknowledgements: AcknowledgeCommandsService,
    private readonly ending: EndSessionsService,
    private readonly tending: TendSessionsJob,
    private readonly http: HttpConfig,
    private readonly im: ImConfig,
    private readonly config: ImListenerConfig,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { IM_WS_PORT: port } = this.config;
    if (port === 0) return;
    await this.tending.start();
    const server = createServer({
      headersTimeout: UPGRADE_MS,
      requestTimeout: UPGRADE_MS,
      maxHeaderSize: UPGRADE_BYTES,
    });
    server.on('request', (_, response) => {
      response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket' });
      response.end('This port speaks WebSocket.\n');
    });
    server.on('upgrade', (request, socket, head) => {
      if (this.im.IM_AUTH === 'none' && isForeignClient(request.headers, this.im.IM_CORS_ORIGINS)) {
        refuse(socket, '403 Forbidden');
        return;
      }
      if (this.watch.size >= this.config.IM_MAX_CONNECTIONS) {
        this.metrics.imDrops.inc({ what: 'connection' });
        refuse(socket, '503 Service Unavailable', 'retry-after: 5\r\n');
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (webSocket) => this.accept(webSocket));
    });
    await listen(server, port, this.http.HOST);
    this.server = server;
    this.watch.start();
    this.health.register('im-listener', () => ({ ok: server.listening, detail: `${this.watch.size} connections` }));
    this.logger.info({ port, host: this.http.HOST }, 'instant messages listening');
  }

  /** Clients come back by themselves, to another process if there is one. What they sent is still answered. */
  async beforeApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = null;
    server.close();
    await this.logins.idle();
    await this.sends.idle();
    await this.watch.stop(CLOSING_MS);
    server.closeAllConnections();
    await this.acknowledgements.idle();
    await this.ending.idle();
    await this.tending.stop();
  }

  private accept(webSocket: WebSocket): void {
    const nowMs = performance.now();
    const limit = new TokenBucket(this.config.IM_CLIENT_SENDS_PER_SECOND, nowMs);
    const onSlow = (): void => this.metrics.imDrops.inc({ what: 'slow_client' });
    const connection = new ClientConnection(webSocket, limit, nowMs, onSlow);
    this.watch.add(connection);
    webSocket.on('message', (data) => this.packets.receive(connection, bytesOf(data)));
    webSocket.on('error', () => connection.cut()); // of the frame or of the network: either way it is over
    webSocket.on('close', () => {
      this.watch.remove(connection);
      this.ending.forget(connection);
    });
    if (!this.server) connection.close(WS_CLOSE.goingAway);
  }
}

/** @param headers each with its line break */
function refuse(socket: Duplex, status: string, headers = ''): void {
  // Nobody else listens to what becomes of this socket any more, nor closes it where the client does not.
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\n${headers}content-length: 0\r\nconnection: close\r\n\r\n`);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const wanted = { setting: 'IM_WS_PORT', port, host, purpose: 'clients of instant messages', mayBeNone: true };
    server.once('error', (error: NodeJS.ErrnoException) => reject(portUnusable(wanted, error)));
    server.listen(port, host, resolve);
  });
}
