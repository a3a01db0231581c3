import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database } from '#entities';
import { GatewayModule, createGatewayApp } from '../../apps/gateway/src/gateway.module.js';
import { testDatabase } from './database.js';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The parsed body; undefined where it is empty or no JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  body: any;
}

export interface CallOptions {
  token?: string;
  /** Objects are sent as JSON; texts and bytes as they are. */
  body?: object | string | Buffer;
  headers?: Record<string, string>;
  /** Loopback address the call comes from (all of 127.0.0.0/8 will do). */
  from?: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface GatewayApp {
  app: NestFastifyApplication;
  database: Database;
  databaseUrl: string;
  port: number;
  adminToken: string;
  call(method: Method, url: string, options?: CallOptions): Promise<Answer>;
  /** As the administrator. */
  admin(method: Method, url: string, body?: object): Promise<Answer>;
  /** Registers a client app and answers its id, secret and a token. */
  clientApp(fields?: Record<string, unknown>): Promise<{ appId: string; appSecret: string; token: string }>;
  close(): Promise<void>;
}

export interface GatewayAppOptions {
  /** Contains the gateway. Default: nothing else. */
  rootModule?: Type;
  /** Of another app, which drops it; default: one of its own. */
  databaseUrl?: string;
  /** Initialises the app; default: without its consumers. */
  boot?: (app: NestFastifyApplication) => Promise<unknown>;
}

/** The whole gateway on a database of its own, with the in-process bus, on a free port. */
export async function gatewayApp(
  env: Record<string, string> = {},
  { rootModule = GatewayModule, databaseUrl, boot = (app) => app.init() }: GatewayAppOptions = {},
): Promise<GatewayApp> {
  const store = databaseUrl === undefined ? await testDatabase() : { url: databaseUrl, drop: () => Promise.resolve() };
  const adminToken = env['ADMIN_TOKEN'] ?? randomBytes(16).toString('hex');
  Object.assign(process.env, {
    DATABASE_URL: store.url,
    DATABASE_POOL_SIZE: '5',
    MASTER_KEY: randomBytes(32).toString('hex'),
    ADMIN_TOKEN: adminToken,
    OUTGOING_ALLOW: '127.0.0.0/8,::1/128',
    SANDBOX: 'on',
    LOG_LEVEL: 'silent',
    IM_WS_PORT: '0',
    ...env,
  });
  delete process.env['RABBITMQ_URL'];
  const app = await createGatewayApp(rootModule);
  const close = async (): Promise<void> => {
    await app.close();
    await store.drop();
  };
  try {
    await boot(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await close(); // open connections would keep the test process alive
    throw error;
  }

  const { port } = app.getHttpServer().address() as AddressInfo;
  const call = (method: Method, url: string, options: CallOptions = {}): Promise<Answer> => {
    const { token, body, headers, from } = options;
    const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
    return send(port, {
      method,
      url,
      from: from ?? '127.0.0.1',
      headers: {
        ...(isJson ? { 'content-type': 'application/json' } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: isJson ? JSON.stringify(body) : body,
    });
  };
  const admin = (method: Method, url: string, body?: object): Promise<Answer> =>
    call(method, url, { token: adminToken, ...(body === undefined ? {} : { body }) });
  return {
    app,
    database: app.get(Database),
    databaseUrl: store.url,
    port,
    adminToken,
    call,
    admin,
    clientApp: async (fields = {}) => {
      const body = { name: 'an app', channels: ['portal', 'sms', 'mail', 'webhook'], features: [], ...fields };
      const { appId, appSecret } = expectOk<{ appId: string; appSecret: string }>(
        await admin('POST', '/v1/client-apps', body),
      );
      const { token } = expectOk<{ token: string }>(
        await call('POST', '/v1/token', { body: { appId, appPassword: appSecret } }),
      );
      return { appId, appSecret, token };
    },
    close,
  };
}

interface Call {
  method: Method;
  url: string;
  from: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

function send(port: number, { method, url, from, headers, body }: Call): Promise<Answer> {
  // Node announces no body of a DELETE by itself.
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path: url,
        localAddress: from,
        headers: { ...headers, ...length },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

function expectOk<T>(answer: Answer): T {
  if (answer.status >= 300) throw new Error(`the call was refused: ${answer.status} ${answer.text}`);
  return answer.body as T;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
