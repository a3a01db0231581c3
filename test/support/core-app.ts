import { randomBytes, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Abstract, Type } from '@nestjs/common';
import { OUTGOING_CHANNELS } from '#contracts';
import { CatalogRepository, CatalogWatch, ClientAppRepository, Database, DatabaseClock } from '#entities';
import { connectConsumers } from '#messaging';
import { SecretBox, sha256 } from '#platform';
import { ProviderRegistry } from '#providers';
import { createFastifyAdapter } from '../../apps/gateway/src/http/fastify-adapter.js';
import { StandaloneModule } from '../../apps/standalone/src/standalone.module.js';
import { testDatabase } from './database.js';
import { ScriptedProvider } from './fakes/scripted-provider.js';
import { scriptedPushVendors } from './fakes/scripted-push-vendors.js';
import { Invariants, type Violation } from './invariants.js';

export interface ClientAppFields {
  channels?: string[];
  features?: string[];
  ratePerSecond?: number;
  ipAllowlist?: string[];
}

export interface UserAddress {
  channel: string;
  address: string;
  /** Empty: the shared directory. */
  appId?: string;
}

/** The five root modules in one Nest app on a database of its own, with one scripted provider behind every channel. */
export interface CoreApp {
  databaseUrl: string;
  database: Database;
  provider: ScriptedProvider;
  get<T>(token: Type<T> | Abstract<T>): T;
  rows<R extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<R[]>;
  /** The first row; throws when there is none. */
  row<R extends object = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<R>;
  /** Asks again until the answer satisfies; throws with the last answer after `patienceMs`. */
  until<T>(what: string, ask: () => Promise<T>, isGood: (answer: T) => boolean, patienceMs?: number): Promise<T>;
  addApp(appId: string, fields?: ClientAppFields): Promise<{ appId: string; token: string; webhookSecret: string }>;
  addUser(userId: string, addresses?: Record<string, string> | UserAddress[]): Promise<void>;
  addTemplate(code: string, content: object): Promise<number>;
  /** Caches of this process look at what was written behind their backs. */
  refresh(): Promise<void>;
  violations(options?: { atRest?: boolean }): Promise<Violation[]>;
  /** Port of the listener; only of a running app. */
  port: number;
  close(): Promise<void>;
}

/**
 * @param running `false`: nothing moves by itself (no timers, no consumers, no listener); the test takes each step.
 *   `true`: everything runs as in production, over the in-process bus.
 */
export async function coreApp({
  running,
  databaseUrl,
  env = {},
}: {
  running: boolean;
  databaseUrl?: string;
  env?: Record<string, string>;
}): Promise<CoreApp> {
  const store = databaseUrl === undefined ? await testDatabase() : { url: databaseUrl, drop: () => Promise.resolve() };
  Object.assign(process.env, {
    DATABASE_URL: store.url,
    DATABASE_POOL_SIZE: '8',
    MASTER_KEY: MASTER_KEY,
    ADMIN_TOKEN: randomBytes(16).toString('hex'),
    OUTGOING_ALLOW: '127.0.0.0/8,::1/128',
    SANDBOX: 'off',
    LOG_LEVEL: 'silent',
    IM_WS_PORT: '0',
    ...env,
  });
  delete process.env['RABBITMQ_URL'];
  const provider = new ScriptedProvider();
  const module = await Test.createTestingModule({ imports: [StandaloneModule] })
    .overrideProvider(ProviderRegistry)
    .useValue(new ProviderRegistry([provider, ...scriptedPushVendors(provider)]))
    .compile();
  const app = running
    ? module.createNestApplication<NestFastifyApplication>(createFastifyAdapter(), { bodyParser: false, logger: false })
    : module;
  const get = <T>(token: Type<T> | Abstract<T>): T => app.get<T>(token, { strict: false });
  const database = get(Database);
  const invariants = new Invariants(store.url);
  const close = async (): Promise<void> => {
    await app.close();
    await invariants.close();
    await store.drop();
  };
  const core = { ...coreFixtures(database, get), databaseUrl: store.url, database, provider, get, close, port: 0 };
  try {
    await serveEveryChannel(database);
    await get(DatabaseClock).measure();
    if ('listen' in app) {
      await connectConsumers(app);
      await app.listen(0, '127.0.0.1');
      core.port = (app.getHttpServer().address() as AddressInfo).port;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { ...core, violations: (options) => invariants.violations(options) };
}

/** One key for all apps of a test process: two of them may share a database. */
const MASTER_KEY = randomBytes(32).toString('hex');

async function serveEveryChannel(database: Database): Promise<void> {
  await database.query(
    `INSERT INTO provider_account (channel, id, provider) SELECT c, 'main', 'scripted' FROM unnest($1::text[]) AS c ON CONFLICT DO NOTHING`,
    [OUTGOING_CHANNELS],
  );
}

export type CoreFixtures = Pick<CoreApp, 'rows' | 'row' | 'until' | 'addApp' | 'addUser' | 'addTemplate' | 'refresh'>;

/** Writes what a test needs straight into the tables. @param get finds providers of the app whose database it is */
export function coreFixtures(database: Database, get: CoreApp['get']): CoreFixtures {
  return {
    rows: (sql, values) => database.query(sql, values),
    async row<R extends object>(sql: string, values?: unknown[]) {
      const [row] = await database.query<R>(sql, values);
      if (!row) throw new Error(`no row: ${sql}`);
      return row;
    },
    until,
    async addApp(
      appId,
      {
        channels = [...OUTGOING_CHANNELS, 'portal', 'smart'],
        features = ['broadcast'],
        ratePerSecond,
        ipAllowlist = [],
      } = {},
    ) {
      const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;
      const sealed = get(SecretBox).seal(webhookSecret, `client_app.webhook_secret:${appId}`);
      await database.query(
        `INSERT INTO client_app (app_id, name, channels, features, ip_allowlist, rate_per_second, secret, webhook_secret)
         VALUES ($1, $1, $2, $3, $4, $5, '', $6)`,
        [appId, channels, features, ipAllowlist, ratePerSecond ?? null, sealed],
      );
      const token = randomUUID();
      await get(ClientAppRepository).storeToken(sha256(token), appId);
      return { appId, token, webhookSecret };
    },
    async addUser(userId, addresses = {}) {
      const list = Array.isArray(addresses)
        ? addresses
        : Object.entries(addresses).map(([channel, address]): UserAddress => ({ channel, address }));
      await database.query('INSERT INTO recipient (user_id) VALUES ($1) ON CONFLICT DO NOTHING', [userId]);
      for (const { channel, address, appId = '' } of list) {
        await database.query(
          'INSERT INTO recipient_address (user_id, channel, app_id, address) VALUES ($1, $2, $3, $4)',
          [userId, channel, appId, address],
        );
      }
    },
    async addTemplate(code, content) {
      const [row] = await database.query<{ id: number }>(
        `WITH t AS (INSERT INTO template (code) VALUES ($1)
                    ON CONFLICT (app_id, code) WHERE deleted_at IS NULL DO UPDATE SET code = excluded.code RETURNING id),
              v AS (INSERT INTO template_version (template_id, version, name, content)
                    SELECT t.id, (SELECT count(*) + 1 FROM template_version o WHERE o.template_id = t.id), $1, $2 FROM t RETURNING id)
         SELECT v.id FROM v`,
        [code, JSON.stringify(content)],
      );
      await database.query('UPDATE template SET current_version_id = $2 WHERE code = $1', [code, row?.id]);
      await database.transaction((tx) => get(CatalogRepository).raise(tx, 'template'));
      await get(CatalogWatch).look();
      return row?.id ?? 0;
    },
    async refresh() {
      await database.transaction(async (tx) => {
        for (const topic of ['client_app', 'template', 'channel', 'sensitive_word'] as const)
          await get(CatalogRepository).raise(tx, topic);
      });
      await get(CatalogWatch).look();
    },
  };
}

const LOOK_EVERY_MS = 25;

export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  isGood: (answer: T) => boolean,
  patienceMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`${what}: not within ${patienceMs} ms, last answer ${JSON.stringify(answer)}`);
    await sleep(LOOK_EVERY_MS);
  }
}
