import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database, PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { AppLogger, PlatformModule } from '#platform';
import { NativeDoorModule } from '../../apps/gateway/src/doors/native/native-door.module.js';
import { createFastifyAdapter } from '../../apps/gateway/src/http/fastify-adapter.js';
import { testDatabase } from './database.js';

@Module({ imports: [PlatformModule, PersistenceModule, MessagingModule, NativeDoorModule] })
class GatewayModule {}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
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
  /** Address the call seems to come from. */
  remoteAddress?: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface GatewayApp {
  app: NestFastifyApplication;
  database: Database;
  databaseUrl: string;
  adminToken: string;
  call(method: Method, url: string, options?: CallOptions): Promise<Answer>;
  /** As the administrator. */
  admin(method: Method, url: string, body?: object): Promise<Answer>;
  /** Registers a client app and answers its id, secret and a token. */
  clientApp(fields?: Record<string, unknown>): Promise<{ appId: string; appSecret: string; token: string }>;
  close(): Promise<void>;
}

/** The whole gateway on a database of its own, with the in-process bus and without a listener. */
export async function gatewayApp(env: Record<string, string> = {}): Promise<GatewayApp> {
  const store = await testDatabase();
  const adminToken = randomBytes(16).toString('hex');
  Object.assign(process.env, {
    DATABASE_URL: store.url,
    DATABASE_POOL_SIZE: '5',
    MASTER_KEY: randomBytes(32).toString('hex'),
    ADMIN_TOKEN: adminToken,
    OUTGOING_ALLOW: '127.0.0.0/8,::1/128',
    SANDBOX: 'on',
    LOG_LEVEL: 'silent',
    ...env,
  });
  delete process.env['RABBITMQ_URL'];
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule, createFastifyAdapter(), {
    bodyParser: false,
    abortOnError: false,
    logger: false,
  });
  app.useLogger(app.get(AppLogger));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();

  const call = async (method: Method, url: string, options: CallOptions = {}): Promise<Answer> => {
    const { token, body, headers, remoteAddress } = options;
    const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
    const response = await app.inject({
      method,
      url,
      ...(remoteAddress === undefined ? {} : { remoteAddress }),
      headers: {
        ...(isJson ? { 'content-type': 'application/json' } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: isJson ? JSON.stringify(body) : body }),
    });
    return { status: response.statusCode, headers: response.headers, text: response.body, body: parsed(response.body) };
  };
  const admin = (method: Method, url: string, body?: object): Promise<Answer> =>
    call(method, url, { token: adminToken, ...(body === undefined ? {} : { body }) });
  return {
    app,
    database: app.get(Database),
    databaseUrl: store.url,
    adminToken,
    call,
    admin,
    clientApp: async (fields = {}) => {
      const body = { name: 'an app', channels: ['portal', 'sms', 'mail', 'webhook'], features: [], ...fields };
      const { appId, appSecret } = expectOk<{ appId: string; appSecret: string }>(await admin('POST', '/v1/client-apps', body));
      const { token } = expectOk<{ token: string }>(await call('POST', '/v1/token', { body: { appId, appPassword: appSecret } }));
      return { appId, appSecret, token };
    },
    close: async () => {
      await app.close();
      await store.drop();
    },
  };
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
