import { generateKeyPairSync } from 'node:crypto';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { importSPKI, jwtVerify } from 'jose';
import { SMTP_CERTIFICATE, SMTP_PRIVATE_KEY } from './smtp-certificate.js';

const KEYS = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const MAX_PAYLOAD = 4096;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A push as a device gets it. */
export interface ApnsPush {
  token: string;
  headers: Record<string, string>;
  payload: { aps: Record<string, unknown> } & Record<string, unknown>;
}

export interface ApnsRefusal {
  status: number;
  reason: string;
  timestamp?: number;
}

/**
 * Apple's service on loopback: HTTP/2 over TLS alone; the token's signature (ES256) is checked by `jose`, its age, its key and team; the
 * rules of headers and payload. Tokens of zeros get no answer, of `d`s belong to nobody any more, of `b`s are none.
 */
export class ApnsFake {
  readonly inbox: ApnsPush[] = [];
  /** Everything that came, as text. */
  readonly requests: string[] = [];
  /** Provider tokens that came, each once. */
  readonly bearers = new Set<string>();
  connections = 0;
  /** Apple's clock, ms. */
  now: () => number = Date.now;
  /** Since when the tokens of `d`s are dead. */
  deadSinceMs = 1_700_000_000_000;
  readonly topic = 'com.example.app';
  private refusals: ApnsRefusal[] = [];
  private key?: ReturnType<typeof importSPKI>;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Http2SecureServer) {
    server.on('secureConnection', () => this.connections++);
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (request, response) => void this.take(request, response));
  }

  static async open(): Promise<ApnsFake> {
    const server = secureServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new ApnsFake(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get baseUrl(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Settings of an account that fit; both environments are here. */
  get account(): Record<'keyId' | 'teamId' | 'privateKey' | 'topic' | 'baseUrl' | 'sandboxUrl' | 'ca', string> {
    const { baseUrl, topic } = this;
    const { privateKey } = KEYS;
    return { keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ', privateKey, topic, baseUrl, sandboxUrl: baseUrl, ca: APNS_CA };
  }

  /** The next pushes are refused so. */
  refuse(...refusals: ApnsRefusal[]): void {
    this.refusals = refusals;
  }

  /** All connections end, as Apple's do now and then. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.dropConnections();
    });
  }

  private async take(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const body = Buffer.concat(chunks);
    this.requests.push(`${JSON.stringify(headers)} ${body.toString()}`);
    const token = /^\/3\/device\/(.*)$/.exec(request.url)?.[1] ?? '';
    if (/^0+$/.test(token)) return;
    const refusal = await this.refusalOf(request, headers, body, token);
    response.setHeader('apns-id', headers['apns-id'] ?? '00000000-0000-4000-8000-000000000000');
    if (refusal) {
      const { status, ...words } = refusal;
      response.writeHead(status).end(JSON.stringify(words));
      return;
    }
    this.inbox.push({ token, headers, payload: JSON.parse(body.toString()) as ApnsPush['payload'] });
    response.writeHead(200).end();
  }

  private async refusalOf(
    request: Http2ServerRequest,
    headers: Record<string, string>,
    body: Buffer,
    token: string,
  ): Promise<ApnsRefusal | null> {
    if (request.method !== 'POST') return { status: 405, reason: 'MethodNotAllowed' };
    if (!request.url.startsWith('/3/device/')) return { status: 404, reason: 'BadPath' };
    const wrongBearer = await this.bearerProblem(/^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]);
    if (wrongBearer) return { status: 403, reason: wrongBearer };
    const scripted = this.refusals.shift();
    if (scripted) return scripted;
    if (headers['apns-topic'] !== this.topic) return { status: 400, reason: 'TopicDisallowed' };
    const problem = headerProblem(headers);
    if (problem) return { status: 400, reason: problem };
    if (body.length > MAX_PAYLOAD) return { status: 413, reason: 'PayloadTooLarge' };
    if (!/^[0-9a-f]{64,200}$/i.test(token) || /^b+$/.test(token)) return { status: 400, reason: 'BadDeviceToken' };
    return /^d+$/.test(token) ? { status: 410, reason: 'Unregistered', timestamp: this.deadSinceMs } : null;
  }

  private async bearerProblem(bearer: string | undefined): Promise<string | null> {
    if (bearer === undefined) return 'MissingProviderToken';
    this.bearers.add(bearer);
    const key = await (this.key ??= importSPKI(KEYS.publicKey, 'ES256'));
    try {
      const { payload, protectedHeader } = await jwtVerify(bearer, key, {
        algorithms: ['ES256'],
        issuer: 'DEF123GHIJ',
      });
      if (protectedHeader.kid !== 'ABC123DEFG') return 'InvalidProviderToken';
      return this.now() / 1000 - (payload.iat ?? 0) > 3600 ? 'ExpiredProviderToken' : null;
    } catch {
      return 'InvalidProviderToken';
    }
  }
}

/** Made for the tests; trusts itself. */
export const APNS_CA = SMTP_CERTIFICATE;
export const secureServer = (): Http2SecureServer =>
  createSecureServer({ key: SMTP_PRIVATE_KEY, cert: SMTP_CERTIFICATE });

function headerProblem(headers: Record<string, string>): string | null {
  const { 'apns-id': id, 'apns-push-type': type, 'apns-priority': priority } = headers;
  if (id !== undefined && !UUID.test(id)) return 'BadMessageId';
  if (type !== undefined && type !== 'alert' && type !== 'background') return 'InvalidPushType';
  if (priority !== undefined && !['1', '5', '10'].includes(priority)) return 'BadPriority';
  if (type === 'background' && priority === '10') return 'BadPriority';
  if (Buffer.byteLength(headers['apns-collapse-id'] ?? '') > 64) return 'BadCollapseId';
  return /^\d*$/.test(headers['apns-expiration'] ?? '') ? null : 'BadExpirationDate';
}
