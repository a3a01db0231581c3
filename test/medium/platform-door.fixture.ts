import { encodeDeliveryRef } from '#entities';
import { msgDoor, type MsgDoor } from './msg-door.fixture.js';
import type { Answer, CallOptions } from '../support/gateway-app.js';

export type Fields = Record<string, string>;

export interface PlatformDoor extends Omit<MsgDoor, 'msg'> {
  /** POST of a form, as the published interface shows it. Numbers and objects of `fields` are for `json` only. */
  form(path: string, fields: Fields, options?: CallOptions): Promise<Answer>;
  json(path: string, fields: object, options?: CallOptions): Promise<Answer>;
  /** Messages stored so far. */
  stored(): Promise<number>;
  /** Per-delivery reference of the person's row of the message in his inbox. */
  refOf(messageId: string, userId: string): Promise<string>;
}

/** A gateway whose neighbours do nothing by themselves, spoken to as callers of the platform door do. */
export async function platformDoor(env: Record<string, string> = {}): Promise<PlatformDoor> {
  const { msg: _, ...gateway } = await msgDoor(env);
  return {
    ...gateway,
    form: (path, fields, options = {}) =>
      gateway.call('POST', path, {
        ...options,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...options.headers },
        body: new URLSearchParams(fields).toString(),
      }),
    json: (path, fields, options = {}) => gateway.call('POST', path, { ...options, body: fields }),
    stored: async () => (await gateway.row<{ n: number }>('SELECT count(*)::int AS n FROM message')).n,
    async refOf(messageId, userId) {
      const { seq, ref } = await gateway.row<{ seq: number; ref: string }>(
        `SELECT seq, ref FROM delivery WHERE message_id = $1 AND recipient = $2 AND channel = 'portal'`,
        [messageId, userId],
      );
      return encodeDeliveryRef(messageId, seq, ref);
    },
  };
}

/** A message as sendMessageApi takes it; `more` overrides. */
export const plainMessage = (token: string, more: Fields = {}): Fields => ({
  token,
  msgtitle: '会议通知',
  msgType: '1',
  msgContent: '今天下午三点开会',
  sendStatus: '1',
  sendChannel: 'Portal',
  sendMode: 'normal',
  receivers: '[{"type":"User","userId":"12345","name":"接受人1"},{"type":"User","userId":"12346","name":"接受人2"}]',
  ...more,
});

export const plainTodo = (token: string, more: Fields = {}): Fields =>
  plainMessage(token, { sendMsgType: '4', waitLink: 'http://oa/todo?id=1', msgtitle: '请审批', ...more });

/** `yyyy-MM-dd HH:mm:ss` in Shanghai, so many minutes from now. */
export const inMinutes = (minutes: number): string =>
  new Date(Date.now() + (minutes + 8 * 60) * 60_000).toISOString().slice(0, 19).replace('T', ' ');
