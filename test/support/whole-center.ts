import { randomBytes } from 'node:crypto';
import type { Channel } from '#contracts';
import { CatalogWatch } from '#entities';
import { connectConsumers } from '#messaging';
import { Metrics } from '#platform';
import { StandaloneModule } from '../../apps/standalone/src/standalone.module.js';
import type { InboundRequest } from '../../libs/providers/src/port/channel-provider.port.js';
import { coreFixtures, type CoreFixtures } from './core-app.js';
import { gatewayApp, type Answer, type GatewayApp } from './gateway-app.js';
import { Invariants } from './invariants.js';

/** A line of `GET /v1/messages/{id}/deliveries` as an administrator sees it. */
export interface ReportedDelivery {
  recipient: string | null;
  address: string;
  channel: Channel;
  status: string;
  provider: string | null;
  error: { code: string; text: string | null } | null;
  nextTryAt: string | null;
  attempts: {
    provider: string;
    account: string;
    outcome: string;
    code: string | null;
    words: string | null;
    isPossibleDuplicate: boolean;
  }[];
}

/** A suspended address in `GET /v1/users/{userId}`. */
export interface SuspendedAddress {
  channel: Channel;
  address: string;
  suspended: { reason: string };
}

/** All five apps in one process, with the real providers behind them; everything is asked for and answered over HTTP. */
export interface WholeCenter extends GatewayApp, Pick<CoreFixtures, 'rows' | 'until'> {
  /** The one client app. */
  appId: string;
  appToken: string;
  /** Another process of the same center, as far as one can be had without a process; to be closed before this one. */
  replica(): Promise<WholeCenter>;
  /** `PUT /v1/channels/{channel}` with these accounts; throws where it is refused. Known to every replica when it resolves. */
  setUp(channel: Channel, ...providers: object[]): Promise<Answer>;
  /** `PUT /v1/users/{userId}`. */
  person(userId: string, addresses: object): Promise<void>;
  suspended(userId: string): Promise<SuspendedAddress[]>;
  /** Sends as the client app to users, by the channels in `list`; answers the message's id. `more` overrides. */
  send(users: readonly string[], list: readonly Channel[], text: string, more?: object): Promise<string>;
  /** The delivery report. */
  report(messageId: string): Promise<ReportedDelivery[]>;
  /** The report, once its statuses are these, in the order of the audience. */
  untilStatuses(messageId: string, ...statuses: string[]): Promise<ReportedDelivery[]>;
  /** A provider's call to `/v1/receipts/{channel}/{account}`. */
  tell(channel: Channel, account: string, request: Partial<InboundRequest>): Promise<Answer>;
  /** Whatever waits for its time (a retry, a question to a provider) is due now. What a worker holds stays its own. */
  passTime(): Promise<void>;
  /** The account as `GET /v1/channels/{channel}` shows it. */
  account(channel: Channel, id: string): Promise<{ health: Record<string, string> } & Record<string, unknown>>;
  /** Kind, subject and code of the alarms that are open. */
  openAlarms(): Promise<[kind: string, subject: string, code: unknown][]>;
  /** Sum of a counter of this process over all its labels. */
  metric(name: string): Promise<number>;
  /** Throws when a promise about any message is broken. */
  keepsItsPromises(): Promise<void>;
}

const ALL_CHANNELS = ['portal', 'sms', 'mail', 'wechat', 'wecom', 'dingtalk', 'push', 'webhook', 'smart'];

/** @param settings beside those that every center of the tests has */
export async function wholeCenter(settings: Record<string, string> = {}): Promise<WholeCenter> {
  const env = {
    MASTER_KEY: randomBytes(32).toString('hex'),
    ADMIN_TOKEN: randomBytes(16).toString('hex'),
    ...settings,
  };
  const gateway = await boot(env);
  try {
    const { appId, token } = await gateway.clientApp({ name: 'Shop', channels: ALL_CHANNELS });
    return centerOf(gateway, { appId, appToken: token }, env, new Set());
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

const boot = (env: Record<string, string>, databaseUrl?: string): Promise<GatewayApp> =>
  gatewayApp(
    { SANDBOX: 'off', ...env },
    { rootModule: StandaloneModule, boot: connectConsumers, ...(databaseUrl === undefined ? {} : { databaseUrl }) },
  );

function centerOf(
  gateway: GatewayApp,
  app: Pick<WholeCenter, 'appId' | 'appToken'>,
  env: Record<string, string>,
  replicas: Set<GatewayApp>,
): WholeCenter {
  const { admin, call, database, databaseUrl } = gateway;
  const { rows, until } = coreFixtures(database, (token) => gateway.app.get(token, { strict: false }));
  const invariants = new Invariants(databaseUrl);
  const report: WholeCenter['report'] = async (id) =>
    (ok(await admin('GET', `/v1/messages/${id}/deliveries?limit=200`)) as { items: ReportedDelivery[] }).items;

  return {
    ...gateway,
    ...app,
    rows,
    until,
    report,
    async close() {
      await invariants.close();
      await gateway.close();
    },
    async replica() {
      const another = await boot(env, databaseUrl);
      replicas.add(another);
      const close = (): Promise<void> => {
        replicas.delete(another);
        return another.close();
      };
      return centerOf({ ...another, close }, app, env, new Set());
    },
    async setUp(channel, ...providers) {
      const answer = await admin('PUT', `/v1/channels/${channel}`, { enabled: true, providers });
      ok(answer);
      for (const one of [gateway, ...replicas]) await one.app.get(CatalogWatch, { strict: false }).look();
      return answer;
    },
    async person(userId, addresses) {
      ok(await admin('PUT', `/v1/users/${userId}`, { name: userId, addresses }));
    },
    suspended: async (userId) =>
      (ok(await admin('GET', `/v1/users/${userId}`)) as { suspendedAddresses: SuspendedAddress[] }).suspendedAddresses,
    async send(users, list, text, more = {}) {
      const body = { to: { users }, channels: { mode: 'list', list }, content: { text }, ...more };
      return (ok(await call('POST', '/v1/messages', { token: app.appToken, body })) as { id: string }).id;
    },
    untilStatuses: (id, ...statuses) =>
      until(
        `the report of ${id} says ${statuses.join(', ')}`,
        () => report(id),
        (items) => items.map(({ status }) => status).join() === statuses.join(),
      ),
    tell: (channel, account, { method = 'POST', query = {}, headers = {}, body }) =>
      call(method, `/v1/receipts/${channel}/${account}?${new URLSearchParams(query).toString()}`, {
        headers,
        ...(body === undefined ? {} : { body }),
      }),
    async passTime() {
      for (const [table, rest] of [['work', 'AND lease_token IS NULL'], ['status_query'], ['receipt']]) {
        // What somebody works on at this moment is let be: two who lock the same rows in another order wait for each other.
        await rows(
          `UPDATE ${table} SET due_at = now() WHERE ctid = ANY(ARRAY(
             SELECT ctid FROM ${table} WHERE due_at > now() ${rest ?? ''} FOR UPDATE SKIP LOCKED))`,
        );
      }
    },
    async account(channel, id) {
      const { providers } = ok(await admin('GET', `/v1/channels/${channel}`)) as {
        providers: ({ id: string; health: Record<string, string> } & Record<string, unknown>)[];
      };
      const found = providers.find((account) => account.id === id);
      if (!found) throw new Error(`no account ${id}`);
      return found;
    },
    async openAlarms() {
      const { items } = ok(await admin('GET', '/v1/alarms?state=open')) as {
        items: { kind: string; subject: string; data: { code?: unknown } }[];
      };
      return items.map(({ kind, subject, data }) => [kind, subject, data.code]);
    },
    async metric(name) {
      const text = await gateway.app.get(Metrics, { strict: false }).exposition();
      const values = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    },
    async keepsItsPromises() {
      const violations = await invariants.violations();
      if (violations.length > 0) throw new Error(JSON.stringify(violations));
    },
  };
}

function ok({ status, text, body }: Answer): unknown {
  if (status >= 300) throw new Error(`refused: ${status} ${text}`);
  return body;
}
