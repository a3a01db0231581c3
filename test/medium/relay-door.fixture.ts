import { connectConsumers } from '#messaging';
import { StandaloneModule } from '../../apps/standalone/src/standalone.module.js';
import { gatewayApp, type Answer, type GatewayApp, type Method } from '../support/gateway-app.js';

/** Somebody who takes part in the relay. */
export interface Party {
  token: string;
  md5Id: string;
}

export interface RelayDoor extends GatewayApp {
  /** Issued by the administrator. */
  identity(fields?: object): Promise<Party>;
  relayUser(): Promise<Party>;
  relayAdmin(fields?: object): Promise<Party>;
  /** A call as the published interface writes it; `body` makes it a POST. Answers the envelope. */
  relay(who: Party | string, type: string, action: string, more?: Query, body?: object | string): Promise<Envelope>;
  /** `type=message&do=set`. */
  send(from: Party, to: Party | string, body?: object | string): Promise<Envelope>;
  /** `type=message&do=get`; what the mailbox held. */
  pull(who: Party, more?: Query): Promise<Entry[]>;
  block(who: Party, whom: Party, body?: object): Promise<Envelope>;
  rows<R extends object>(sql: string, values?: unknown[]): Promise<R[]>;
  /** Another process of the same center. */
  replica(): Promise<RelayDoor>;
}

export type Query = Record<string, string>;
export interface Envelope {
  success: 0 | 1;
  code?: string;
  error?: string;
  data?: Entry[];
}
export type Entry = Record<string, string | number>;

export const DONE: Envelope = { success: 1 };
export const failure = (code: string, error: string): Envelope => ({ success: 0, code, error });
export const WRONG = failure('003', '客户端参数错误');
export const BLOCKED = failure('501', '黑名单用户');
export const FULL = failure('502', '消息数超限');
export const TOO_FREQUENT = failure('503', '发送消息过于频繁');

/** The center in one process, spoken to as callers of the relay do. */
export async function relayDoor(env: Record<string, string> = {}, databaseUrl?: string): Promise<RelayDoor> {
  const gateway = await gatewayApp(env, {
    rootModule: StandaloneModule,
    boot: connectConsumers,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
  const identity: RelayDoor['identity'] = async (fields = {}) =>
    created(await gateway.admin('POST', '/v1/relay/identities', { role: 'user', ...fields }));
  const relay: RelayDoor['relay'] = async (who, type, action, more = {}, body) => {
    const token = typeof who === 'string' ? who : who.token;
    const query = new URLSearchParams({ type, do: action, token, ...more }).toString();
    const method: Method = body === undefined ? 'GET' : 'POST';
    const answer = await gateway.call(method, `/app/message?${query}`, body === undefined ? {} : { body });
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status} ${answer.text}`);
    return answer.body as Envelope;
  };
  return {
    ...gateway,
    identity,
    relayUser: () => identity(),
    relayAdmin: (fields = {}) => identity({ role: 'admin', ...fields }),
    relay,
    send: (from, to, body = { content: 'hello' }) =>
      relay(from, 'message', 'set', { md5_id: typeof to === 'string' ? to : to.md5Id }, body),
    async pull(who, more = {}) {
      const answer = await relay(who, 'message', 'get', more);
      if (answer.success !== 1) throw new Error(JSON.stringify(answer));
      return answer.data ?? [];
    },
    block: (who, whom, body = {}) => relay(who, 'blacklist', 'set', { md5_id: whom.md5Id }, body),
    rows: (sql, values) => gateway.database.query(sql, values),
    replica: () => relayDoor({ ...env, ADMIN_TOKEN: gateway.adminToken }, gateway.databaseUrl),
  };
}

function created({ status, body, text }: Answer): Party {
  if (status !== 201) throw new Error(`refused: ${status} ${text}`);
  return body as Party;
}

/** `n` times at once. */
export const atOnce = <T>(n: number, call: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => call(i)));

/** How often each answer came, by its code; `done` for success. */
export function tally(answers: readonly Envelope[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code = 'done' } of answers) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
