import { sha256 } from '#platform';
import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { InboundAnswer, InboundRequest, ProviderReceipt, Uplink } from '../port/channel-provider.port.js';
import { isFromVendor, plainAnswer } from '../sms/callback-guard.js';
import { readChinaTime } from '../outcome/china-time.js';
import { isDeadNumberCode } from '../sms/dead-number.js';
import { readPushedList, uplinkText } from '../sms/pushed-list.js';
import { keptNumber } from '../sms/sms-number.js';
import { textOf } from '../vendor-api/text-of.js';
import type { TencentSmsSettings } from './tencent-sms.settings.js';

const TAKEN = { result: 0, errmsg: 'OK' };

/**
 * Reads what Tencent calls back with: a JSON array of states of SMS that were sent, or one JSON object for what a person answered. Both
 * may be set to the same address.
 */
export function readTencentCallback(settings: TencentSmsSettings, request: InboundRequest): InboundAnswer {
  if (!isFromVendor(settings, request)) return plainAnswer(403, { result: 403, errmsg: 'forbidden' });
  const list = readPushedList(request.body);
  if (!list) return plainAnswer(400, { result: 400, errmsg: 'not JSON' });
  const receipts = list.flatMap((item) => receiptOf(item) ?? []);
  const uplinks = list.flatMap((item) => uplinkOf(item) ?? []);
  return {
    ...plainAnswer(200, TAKEN),
    news: { ...(receipts.length > 0 && { receipts }), ...(uplinks.length > 0 && { uplinks }) },
  };
}

function receiptOf(item: Record<string, unknown>): ProviderReceipt | null {
  const sid = textOf(item.sid);
  const isDelivered = item.report_status === 'SUCCESS';
  if (sid === undefined || sid.length > 256 || (!isDelivered && item.report_status !== 'FAIL')) return null;
  const code = textOf(item.errmsg);
  const words = textOf(item.description);
  const at = readChinaTime(item.user_receive_time);
  return {
    providerRef: sid,
    status: isDelivered ? 'delivered' : 'failed',
    ...(code === undefined ? {} : { code: vendorCode(code) }),
    ...(words === undefined ? {} : { words: vendorWords(words) }),
    ...(at === undefined ? {} : { at }),
    ...(!isDelivered && code !== undefined && isDeadNumberCode(code) ? { isAddressDead: true } : {}),
  };
}

function uplinkOf(item: Record<string, unknown>): Uplink | null {
  if (typeof item.text !== 'string') return null;
  const from = keptNumber(textOf(item.mobile) ?? '', textOf(item.nationcode) ?? '');
  if (from === null) return null;
  const timeS = Number(textOf(item.time));
  const isTimed = Number.isInteger(timeS) && timeS > 0 && timeS < 1e10;
  return {
    from,
    text: uplinkText(item.text),
    // The vendor gives an answer no id, and repeats a call that failed: what a number said in one second is taken once.
    ...(isTimed && {
      at: new Date(timeS * 1000),
      providerId: sha256(`${from}\n${timeS}\n${item.text}`).toString('base64url'),
    }),
  };
}
