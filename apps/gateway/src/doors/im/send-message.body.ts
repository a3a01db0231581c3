import { randomUUID } from 'node:crypto';
import { IM_GROUP, type ImNewMessage } from '#contracts';
import { readFields } from './im.body.js';
import { ImError } from './im.error.js';
import { isBlank, type ImFields } from './im.fields.js';

export type ImHeader = Pick<ImNewMessage, 'noPersist' | 'redDot' | 'syncOnce'>;

export function headerOf(fields: ImFields): ImHeader {
  const header = fields.object('header');
  return { noPersist: header.bit('no_persist'), redDot: header.bit('red_dot'), syncOnce: header.bit('sync_once') };
}

const uuid32 = (): string => randomUUID().replaceAll('-', '');

/** As the server whose interface this is makes them. */
const newClientMsgNo = (): string => `${uuid32()}0`;

/** `POST /message/send`. @throws ImError, BodyError */
export function readMessage(raw: unknown): ImNewMessage {
  const fields = readFields(raw, 'decoder');
  const { noPersist, redDot, syncOnce } = headerOf(fields);
  const { clientMsgNo, fromUid, channelId, channelType } = addressOf(fields);
  const message: ImNewMessage = {
    noPersist,
    redDot,
    syncOnce,
    setting: 0,
    clientMsgNo,
    streamNo: fields.text('stream_no'),
    startsStream: false,
    fromUid,
    channelId,
    channelType,
    topic: '',
    expire: fields.uint32('expire'),
    subscribers: distinctOrNull(fields.ids('subscribers')),
    payload: payloadOf(fields),
  };
  if (!isBlank(channelId)) return message;
  if (!message.subscribers) throw new ImError('无法处理发送消息请求！');
  message.channelId = `${uuid32()}@tmp`;
  message.channelType = IM_GROUP;
  return message;
}

const distinctOrNull = (uids: readonly string[]): string[] | null => (uids.length === 0 ? null : [...new Set(uids)]);

/** `POST /streammessage/start`. @throws ImError, BodyError */
export function readStreamStart(raw: unknown): ImNewMessage {
  const fields = readFields(raw, 'decoder');
  const message = { ...headerOf(fields), ...addressOf(fields) };
  if (isBlank(message.channelId)) throw new ImError('频道ID不能为空！');
  const started = { startsStream: true, setting: 0, topic: '', streamNo: uuid32(), expire: 0, subscribers: null };
  return { ...message, ...started, payload: payloadOf(fields) };
}

function addressOf(fields: ImFields): Pick<ImNewMessage, 'fromUid' | 'channelId' | 'channelType' | 'clientMsgNo'> {
  const clientMsgNo = fields.id('client_msg_no');
  return {
    clientMsgNo: isBlank(clientMsgNo) ? newClientMsgNo() : clientMsgNo,
    fromUid: fields.id('from_uid'),
    channelId: fields.id('channel_id'),
    channelType: fields.uint8('channel_type'),
  };
}

/** @throws ImError none */
export function payloadOf(fields: ImFields): string {
  const payload = fields.payload('payload');
  if (payload === '') throw new ImError('payload不能为空！');
  return payload;
}
