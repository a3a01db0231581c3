import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { InboundAnswer, InboundRequest, ProviderReceipt, Uplink } from '../port/channel-provider.port.js';
import { isFromVendor, plainAnswer } from '../sms/callback-guard.js';
import { readChinaTime } from '../outcome/china-time.js';
import { isDeadNumberCode } from '../sms/dead-number.js';
import { readPushedList, uplinkText } from '../sms/pushed-list.js';
import { keptNumber } from '../sms/sms-number.js';
import { textOf } from '../vendor-api/text-of.js';
import type { AliyunSmsSettings } from './aliyun-sms.settings.js';

/** The vendor looks whether `code` is a number, and at the HTTP status. */
const TAKEN = { code: 0, msg: '接收成功' };

/**
 * Reads what Aliyun pushes: SmsReport (what became of an SMS) and SmsUp (what a person answered), each a JSON array. Both may be set
 * to the same address.
 */
export function readAliyunPush(settings: AliyunSmsSettings, request: InboundRequest): InboundAnswer {
  if (!isFromVendor(settings, request)) return plainAnswer(403, { code: 403, msg: 'forbidden' });
  const list = readPushedList(request.body);
  if (!list) return plainAnswer(400, { code: 400, msg: 'not a JSON array' });
  const receipts = list.flatMap((item) => receiptOf(item) ?? []);
  const uplinks = list.flatMap((item) => uplinkOf(item) ?? []);
  return {
    ...plainAnswer(200, TAKEN),
    news: { ...(receipts.length > 0 && { receipts }), ...(uplinks.length > 0 && { uplinks }) },
  };
}

/** One without our reference is of an SMS that somebody else sent through the same account. */
function receiptOf(item: Record<string, unknown>): ProviderReceipt | null {
  const outId = textOf(item.out_id);
  if (outId === undefined || outId.length > 256 || !('success' in item)) return null;
  const isDelivered = item.success === true || item.success === 'true';
  const code = textOf(item.err_code);
  const words = textOf(item.err_msg);
  const at = readChinaTime(item.report_time);
  return {
    providerRef: outId,
    status: isDelivered ? 'delivered' : 'failed',
    ...(code === undefined ? {} : { code: vendorCode(code) }),
    ...(words === undefined ? {} : { words: vendorWords(words) }),
    ...(at === undefined ? {} : { at }),
    ...(!isDelivered && code !== undefined && isDeadNumberCode(code) ? { isAddressDead: true } : {}),
  };
}

function uplinkOf(item: Record<string, unknown>): Uplink | null {
  if ('success' in item || typeof item.content !== 'string') return null;
  const from = keptNumber(textOf(item.phone_number) ?? '');
  if (from === null) return null;
  const at = readChinaTime(item.send_time);
  const providerId = textOf(item.sequence_id);
  return {
    from,
    text: uplinkText(item.content),
    ...(at === undefined ? {} : { at }),
    ...(providerId === undefined ? {} : { providerId: vendorCode(providerId) }),
  };
}
