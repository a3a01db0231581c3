import { FanOutRepository, FoldRepository } from '#entities';
import { coreFixtures, type CoreApp, type CoreFixtures } from '../support/core-app.js';
import { gatewayApp, type Answer, type CallOptions, type GatewayApp } from '../support/gateway-app.js';

export interface MsgDoor extends GatewayApp, CoreFixtures {
  /** POST /msg/<path>; `token` goes into the query. */
  msg(path: string, body: unknown, token?: string, options?: CallOptions): Promise<Answer>;
  /** What the dispatcher would do, now. */
  fanOut(messageId: string): Promise<void>;
  fold(): Promise<void>;
}

/** A gateway whose neighbours do nothing by themselves, spoken to through `/msg/*`. */
export async function msgDoor(env: Record<string, string> = {}): Promise<MsgDoor> {
  const gateway = await gatewayApp(env);
  const get: CoreApp['get'] = (token) => gateway.app.get(token, { strict: false });
  return {
    ...gateway,
    ...coreFixtures(gateway.database, get),
    msg: (path, body, token, options = {}) =>
      gateway.call('POST', `/msg/${path}${token === undefined ? '' : `?access_token=${token}`}`, {
        ...options,
        body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
    async fanOut(messageId) {
      const fanOut = get(FanOutRepository);
      if ((await fanOut.fanOutSmall([messageId])).handled.length > 0) return;
      while ((await fanOut.fanOutChunk(messageId)).state === 'more');
    },
    async fold() {
      while ((await get(FoldRepository).fold()).folded > 0);
    },
  };
}
