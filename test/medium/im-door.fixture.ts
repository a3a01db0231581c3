import { connectConsumers } from '#messaging';
import { StandaloneModule } from '../../apps/standalone/src/standalone.module.js';
import { gatewayApp, type Answer, type GatewayApp, type Method } from '../support/gateway-app.js';

/** A message as the door shows it; its id as text, because a number would lose digits. */
export type Shown = Record<string, unknown> & { message_seq: number; message_idstr: string; payload: string };

export interface ImDoor extends GatewayApp {
  /** A call as the published interface writes it. */
  post(path: string, body: unknown): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Sends and expects success: what stands under `data`. */
  send(fields: object): Promise<{ client_msg_no: string; message_id: string; message_seq: number }>;
  /** `/channel/messagesync` of a group unless said otherwise. */
  page(fields: object): Promise<{ more: number; messages: Shown[] }>;
  /** `/message/sync`. */
  commands(uid: string, fields?: object): Promise<Shown[]>;
  rows<R extends object>(sql: string, values?: unknown[]): Promise<R[]>;
  /** Another process of the same center. */
  replica(): Promise<ImDoor>;
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const HELLO = base64('{"type":1,"content":"hello"}');

export const refused = (msg: string): object => ({ msg, status: 400 });

/** The center in one process, spoken to as callers of an IM server do. */
export async function imDoor(env: Record<string, string> = {}, databaseUrl?: string): Promise<ImDoor> {
  const gateway = await gatewayApp(
    { IM_AUTH: 'none', ...env },
    { rootModule: StandaloneModule, boot: connectConsumers, ...(databaseUrl === undefined ? {} : { databaseUrl }) },
  );
  const call = async (method: Method, path: string, body?: string | object): Promise<Answer> => {
    const answer = await gateway.call(method, path, body === undefined ? {} : { body });
    // Raw 64-bit integers, as text: the tests compare them digit by digit.
    return { ...answer, body: parsed(answer.text) };
  };
  const post: ImDoor['post'] = (path, body) =>
    call('POST', path, typeof body === 'string' ? body : JSON.stringify(body));
  const good = async (path: string, body: object): Promise<Answer> => {
    const answer = await post(path, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer;
  };
  return {
    ...gateway,
    post,
    get: (path) => call('GET', path),
    send: async (fields) =>
      (
        (await good('/message/send', { payload: HELLO, ...fields })).body as {
          data: Awaited<ReturnType<ImDoor['send']>>;
        }
      ).data,
    page: async (fields) =>
      (await good('/channel/messagesync', { channel_type: 2, ...fields })).body as Awaited<ReturnType<ImDoor['page']>>,
    commands: async (uid, fields = {}) => (await good('/message/sync', { uid, limit: 100, ...fields })).body as Shown[],
    rows: (sql, values) => gateway.database.query(sql, values),
    replica: () => imDoor({ ...env, ADMIN_TOKEN: gateway.adminToken }, gateway.databaseUrl),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/"message_id":(\d+)/g, '"message_id":"$1"')) as unknown;
  } catch {
    return undefined;
  }
}
