import { encrypt, getSignature } from '@wecom/crypto';
import { createHash } from 'node:crypto';
import type { InboundRequest } from '../../../libs/providers/src/port/channel-provider.port.js';

/** How a public account is entered at WeChat: what signs and encrypts its events. */
export interface WechatServerConfiguration {
  appId: string;
  token: string;
  encodingAesKey?: string;
}

const TIMESTAMP = '1714037059';
const NONCE = '486452656';

const signed = (token: string): Record<string, string> => ({
  signature: createHash('sha1').update([token, TIMESTAMP, NONCE].sort().join('')).digest('hex'),
  timestamp: TIMESTAMP,
  nonce: NONCE,
});

const inbound = (method: 'GET' | 'POST', query: Record<string, string>, body: string): InboundRequest => ({
  method,
  query,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(body),
  ip: '127.0.0.1',
});

/** An event's XML, as WeChat writes it. */
export function wechatEventXml(openid: string, event: string, more: Record<string, string | number> = {}): string {
  const cdata = (value: string | number): string =>
    typeof value === 'number' ? String(value) : `<![CDATA[${value}]]>`;
  const fields = {
    ToUserName: 'gh_7f083739789a',
    FromUserName: openid,
    CreateTime: 1395658920,
    MsgType: 'event',
    Event: event,
    ...more,
  };
  const lines = Object.entries(fields).map(([name, value]) => `<${name}>${cdata(value)}</${name}>`);
  return `<xml>\n${lines.join('\n')}\n</xml>`;
}

/** The check that WeChat makes when the address is entered. */
export const wechatCheck = ({ token }: WechatServerConfiguration, echostr: string): InboundRequest =>
  inbound('GET', { ...signed(token), echostr }, '');

/** An event as WeChat sends it: encrypted where there is a key, plain otherwise. */
export function wechatPost({ appId, token, encodingAesKey }: WechatServerConfiguration, xml: string): InboundRequest {
  if (encodingAesKey === undefined) return inbound('POST', signed(token), xml);
  const encrypted = encrypt(encodingAesKey, xml, appId);
  const query = {
    ...signed(token),
    encrypt_type: 'aes',
    msg_signature: getSignature(token, TIMESTAMP, NONCE, encrypted),
  };
  return inbound('POST', query, `<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`);
}
