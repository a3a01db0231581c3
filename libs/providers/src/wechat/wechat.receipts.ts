import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { InboundAnswer, InboundRequest, ProviderNews, ProviderReceipt } from '../port/channel-provider.port.js';
import { isWechatSignature, openWechatEvent } from './wechat-crypto.js';
import { readWechatXml } from './wechat-xml.js';
import type { WechatSettings } from './wechat.settings.js';

type Event = ReadonlyMap<string, string>;

/** Seconds beyond this are no date. */
const LAST_SECOND = 8e12;

const answer = (status: number, body: string, news: ProviderNews = {}): InboundAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
  news,
});
const REFUSED = answer(403, 'refused');

/** A question is answered by its own words; WeChat's are digits. */
const ECHO = /^[\w-]{1,128}$/;

/**
 * WeChat's calls to the server address of a public account: the check when it is entered (GET), and events (POST), plain or
 * encrypted. With an EncodingAESKey only encrypted ones count: the signature of a plain one does not cover its body.
 */
export function receiveWechat(settings: WechatSettings, request: InboundRequest): InboundAnswer {
  const { token } = settings;
  const { signature = '', timestamp = '', nonce = '', echostr = '' } = request.query;
  if (token === undefined || !isWechatSignature(signature, token, timestamp, nonce)) return REFUSED;
  if (request.method === 'GET') return ECHO.test(echostr) ? answer(200, echostr) : REFUSED;
  const event = eventOf(settings, token, request);
  return event ? answer(200, 'success', newsOf(event)) : REFUSED;
}

function eventOf({ appId, encodingAesKey }: WechatSettings, token: string, request: InboundRequest): Event | null {
  const envelope = readWechatXml(request.body);
  if (!envelope || encodingAesKey === undefined) return envelope;
  const { msg_signature: signature = '', timestamp = '', nonce = '' } = request.query;
  const encrypted = envelope.get('Encrypt') ?? '';
  if (!isWechatSignature(signature, token, timestamp, nonce, encrypted)) return null;
  const opened = openWechatEvent(encodingAesKey, appId, encrypted);
  return opened === null ? null : readWechatXml(opened);
}

/** Whatever else people and WeChat send is taken and means nothing here. */
function newsOf(event: Event): ProviderNews {
  const address = event.get('FromUserName') ?? '';
  if (event.get('MsgType') !== 'event' || address === '') return {};
  switch (event.get('Event')) {
    case 'TEMPLATESENDJOBFINISH': {
      const receipt = receiptOf(event);
      return receipt ? { receipts: [receipt] } : {};
    }
    case 'subscribe':
      return { addressEvents: [{ address, event: 'joined' }] };
    case 'unsubscribe':
      return { addressEvents: [{ address, event: 'left' }] };
    default:
      return {};
  }
}

/** `success`, or `failed: system failed` with or without the space; `failed:user block` may be taken back by the person. */
function receiptOf(event: Event): ProviderReceipt | null {
  const providerRef = event.get('MsgID') ?? event.get('MsgId') ?? '';
  const status = (event.get('Status') ?? '').trim();
  if (providerRef === '' || status === '') return null;
  const createdS = Number(event.get('CreateTime'));
  const common = { providerRef, ...(createdS > 0 && createdS < LAST_SECOND ? { at: new Date(createdS * 1000) } : {}) };
  if (/^success$/i.test(status)) return { ...common, status: 'delivered' };
  const reason = status.replace(/^failed\s*:\s*/i, '').toLowerCase();
  return { ...common, status: 'failed', code: vendorCode(reason), words: vendorWords(status) };
}
