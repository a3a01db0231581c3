import { randomUUID } from 'node:crypto';
import {
  FanOutRepository,
  FoldRepository,
  SettleRepository,
  ClientAppRepository,
  type SettledOutcome,
} from '#entities';
import { sha256 } from '#platform';
import { gatewayApp, type Answer, type GatewayApp, type Method } from '../support/gateway-app.js';

/** A gateway with what its neighbours would do, one call each: fan out, settle, fold. */
export interface MessagesFixture extends GatewayApp {
  /** A client app of that id; answers its token. */
  addApp(appId: string, fields?: { channels?: string[]; features?: string[] }): Promise<string>;
  addUser(userId: string, addresses?: Record<string, string>): Promise<void>;
  as(token: string): (method: Method, url: string, body?: object, headers?: Record<string, string>) => Promise<Answer>;
  fanOut(messageId: string): Promise<void>;
  settle(outcomes: readonly SettledOutcome[]): Promise<void>;
  fold(): Promise<void>;
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
}

/** With client app `shop` and user `u1`. */
export interface Shop extends MessagesFixture {
  /** Calls as `shop`. */
  shop: ReturnType<MessagesFixture['as']>;
}

export async function shopFixture(): Promise<Shop> {
  const fixture = await messagesFixture();
  const shop = fixture.as(await fixture.addApp('shop'));
  await fixture.addUser('u1');
  return { ...fixture, shop };
}

export async function messagesFixture(env?: Record<string, string>): Promise<MessagesFixture> {
  const gateway = await gatewayApp(env);
  const { app, database, call } = gateway;
  return {
    ...gateway,
    async addApp(appId, { channels = ['portal', 'sms', 'mail', 'webhook', 'smart'], features = ['broadcast'] } = {}) {
      await database.query(
        `INSERT INTO client_app (app_id, name, channels, features, secret, webhook_secret) VALUES ($1, $1, $2, $3, '', '')`,
        [appId, channels, features],
      );
      const token = randomUUID();
      await app.get(ClientAppRepository).storeToken(sha256(token), appId);
      return token;
    },
    async addUser(userId, addresses = {}) {
      await database.query('INSERT INTO recipient (user_id) VALUES ($1)', [userId]);
      for (const [channel, address] of Object.entries(addresses)) {
        await database.query('INSERT INTO recipient_address (user_id, channel, address) VALUES ($1, $2, $3)', [
          userId,
          channel,
          address,
        ]);
      }
    },
    as: (token) => (method, url, body, headers) =>
      call(method, url, { token, ...(body ? { body } : {}), ...(headers ? { headers } : {}) }),
    async fanOut(messageId) {
      const fanOut = app.get(FanOutRepository);
      const { handled } = await fanOut.fanOutSmall([messageId]);
      if (handled.length > 0) return;
      while ((await fanOut.fanOutChunk(messageId)).state === 'more');
    },
    async settle(outcomes) {
      await database.transaction((tx) => app.get(SettleRepository).settle(tx, outcomes));
    },
    async fold() {
      while ((await app.get(FoldRepository).fold()).folded > 0);
    },
    rows: (sql, values) => database.query(sql, values),
  };
}
