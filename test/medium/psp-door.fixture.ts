import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectConsumers } from '#messaging';
import { StandaloneModule } from '../../apps/standalone/src/standalone.module.js';
import { gatewayApp, type Answer, type CallOptions, type GatewayApp, type Method } from '../support/gateway-app.js';

/** Who calls. */
export interface Signer {
  appId: string;
  appSecret: string;
}

export type Headers = Record<string, string>;

export interface Task {
  state: string;
  total: number;
  sent: number;
  delivered: number;
  failed: number;
  devices: { device_token: string; status: string; error?: string; user_id?: string; org_id?: string }[];
}

export interface PspDoor extends GatewayApp {
  /** A client app that may push. */
  pushApp(fields?: Record<string, unknown>): Promise<Signer>;
  /** A call with the header triple of the published sample. Answers HTTP status and body. */
  psp(
    as: Signer,
    method: Method,
    path: string,
    body?: object | string | Buffer,
    options?: CallOptions,
  ): Promise<Answer>;
  /** POST /psp/push/<path>; the task id. */
  push(as: Signer, body: object, path?: 'msg' | 'config'): Promise<string>;
  task(as: Signer, taskId: string): Promise<Task>;
  /** The task when nothing of it is under way any more. */
  finished(as: Signer, taskId: string): Promise<Task>;
  devices(
    ...devices: { token: string; user?: string; platform?: string; test?: boolean; app?: string }[]
  ): Promise<void>;
  rows<R extends object>(sql: string, values?: unknown[]): Promise<R[]>;
}

/** As the sample of the published interface does it. */
export function signed({ appId, appSecret }: Signer, timestamp = String(Date.now())): Headers {
  const validationtoken = createHash('md5')
    .update(appId.toLowerCase() + appSecret.toLowerCase() + timestamp)
    .digest('hex');
  return { appkey: appId, timestamp, validationtoken };
}

/** The center in one process with the sandbox behind channel `push`, spoken to as callers of the door do. */
export async function pspDoor(env: Record<string, string> = {}): Promise<PspDoor> {
  const gateway = await gatewayApp(env, { rootModule: StandaloneModule, boot: connectConsumers });
  const psp: PspDoor['psp'] = (as, method, path, body, options = {}) =>
    gateway.call(method, path, {
      ...options,
      ...(body === undefined ? {} : { body }),
      headers: { ...signed(as), ...options.headers },
    });
  const task: PspDoor['task'] = async (as, taskId) => dataOf<Task>(await psp(as, 'GET', `/psp/push/task/${taskId}`));
  return {
    ...gateway,
    async pushApp(fields = {}) {
      const { status, body, text } = await gateway.admin('POST', '/v1/client-apps', {
        name: 'an app',
        channels: ['push'],
        ...fields,
      });
      if (status !== 201) throw new Error(`refused: ${status} ${text}`);
      return body as Signer;
    },
    psp,
    push: async (as, body, path = 'msg') =>
      dataOf<{ task_id: string }>(await psp(as, 'POST', `/psp/push/${path}`, body)).task_id,
    task,
    async finished(as, taskId) {
      for (let tries = 0; ; tries++) {
        const answer = await task(as, taskId);
        if (answer.state === 'done' || answer.state === 'expired') return answer;
        if (tries > 400) throw new Error(`the task does not end: ${JSON.stringify(answer)}`);
        await sleep(50);
      }
    },
    async devices(...devices) {
      await gateway.database.query(
        `INSERT INTO device (token, user_id, platform, is_test, app_id)
         SELECT token, coalesce("user", 'u1'), coalesce(platform, 'android'), coalesce(test, false), coalesce(app, '')
           FROM jsonb_to_recordset($1::jsonb) AS x(token text, "user" text, platform text, test boolean, app text)`,
        [JSON.stringify(devices)],
      );
    },
    rows: (sql, values) => gateway.database.query(sql, values),
  };
}

function dataOf<T>({ status, body, text }: Answer): T {
  if (status !== 200 || body?.ret !== 'SUCCESS') throw new Error(`refused: ${status} ${text}`);
  return body.data as T;
}

/** HTTP status and `error_code` of a refusal. */
export function refusalOf({ status, body, text }: Answer): [number, number] {
  if (body?.ret !== 'FAIL' || typeof body.data?.error_msg !== 'string')
    throw new Error(`no refusal: ${status} ${text}`);
  return [status, body.data.error_code as number];
}
