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
  const message = {
    ...headerOf(fields),
    ...addressOf(fields),
    streamNo: fields.text('stream_no'),
    expire: fields.uint32('expire'),
  };
  const subscribers = [...new Set(fields.ids('subscribers'))];
  const payload = payloadOf(fields);
  const whole = { ...message, startsStream: false, setting: 0, topic: '', payload };
  if (!isBlank(message.channelId)) return { ...whole, subscribers: subscribers.length === 0 ? null : subscribers };
  if (subscribers.length === 0) throw new ImError('无法处理发送消息请求！');
  return { ...whole, channelId: `${uuid32()}@tmp`, channelType: IM_GROUP, subscribers };
}

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
