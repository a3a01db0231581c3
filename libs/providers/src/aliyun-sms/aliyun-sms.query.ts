import { vendorCode } from '../outcome/vendor-words.js';
import type { ProviderReceipt, QueryAnswer } from '../port/channel-provider.port.js';
import { chinaDay, readChinaTime } from '../outcome/china-time.js';
import { isDeadNumberCode } from '../sms/dead-number.js';
import { textOf } from '../vendor-api/text-of.js';
import type { AliyunSmsApi } from './aliyun-sms.api.js';

/** The vendor's records follow its answers by some seconds. */
export const FIRST_ASK_MS = 60_000;
/** What is not in the records by then was never taken. */
const RECORDED_WITHIN_MS = 180_000;
/** Most the vendor answers at once. */
const PAGE_SIZE = 50;
/** So many SMS a day to one number nobody sends; the vendor's limits end far below. */
const MAX_PAGES = 10;

/** What the vendor's records are asked by: they know no OutId, only a number and a day. */
export interface AskedSend {
  digits: string;
  sentAtMs: number;
  outId: string;
}

export const encodeAskRef = ({ digits, sentAtMs, outId }: AskedSend): string => `${digits}|${sentAtMs}|${outId}`;

function decodeAskRef(ref: string): AskedSend | null {
  const parts = /^(\d{5,15})\|(\d{13})\|(.+)$/s.exec(ref);
  return parts ? { digits: parts[1] ?? '', sentAtMs: Number(parts[2]), outId: parts[3] ?? '' } : null;
}

const WAITING: QueryAnswer = { state: 'waiting', receipts: [] };

/** What became of one send whose answer was lost. */
export async function askAbout(
  api: AliyunSmsApi,
  ref: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const asked = decodeAskRef(ref);
  if (!asked) return { state: 'ended', receipts: [] };
  // The vendor books what comes around midnight on either day.
  const days = new Set([asked.sentAtMs, asked.sentAtMs + RECORDED_WITHIN_MS].map((ms) => chinaDay(new Date(ms))));
  for (const day of days) {
    const detail = await findDetail(api, asked, day, signal);
    if (detail === 'not_answered') return WAITING;
    if (detail) return { state: 'ended', receipts: [receiptOf(detail, asked.outId)] };
  }
  return nowMs - asked.sentAtMs < RECORDED_WITHIN_MS ? WAITING : { state: 'not_found', receipts: [] };
}

async function findDetail(
  api: AliyunSmsApi,
  { digits, outId }: AskedSend,
  day: string,
  signal: AbortSignal,
): Promise<Record<string, unknown> | 'not_answered' | null> {
  for (let page = 1; page <= MAX_PAGES; page++) {
    const answer = await api.call(
      'QuerySendDetails',
      { PhoneNumber: digits, SendDate: day, PageSize: String(PAGE_SIZE), CurrentPage: String(page) },
      signal,
    );
    if ('outcome' in answer || answer.code !== 'OK') return 'not_answered';
    const details = detailsOf(answer.json);
    const found = details.find((detail) => detail.OutId === outId);
    if (found) return found;
    if (details.length < PAGE_SIZE) return null;
  }
  return 'not_answered';
}

function detailsOf(json: Record<string, unknown>): Record<string, unknown>[] {
  const list = (json.SmsSendDetailDTOs as { SmsSendDetailDTO?: unknown } | null | undefined)?.SmsSendDetailDTO;
  return Array.isArray(list) ? list.filter((item) => typeof item === 'object' && item !== null) : [];
}

/** SendStatus: 1 no word from the network yet, 2 failed, 3 delivered. */
function receiptOf(detail: Record<string, unknown>, outId: string): ProviderReceipt {
  const status = ({ '2': 'failed', '3': 'delivered' } as const)[textOf(detail.SendStatus) ?? ''] ?? 'sent';
  const code = textOf(detail.ErrCode);
  const at = readChinaTime(status === 'sent' ? detail.SendDate : detail.ReceiveDate);
  return {
    providerRef: outId,
    status,
    ...(code === undefined ? {} : { code: vendorCode(code) }),
    ...(at === undefined ? {} : { at }),
    ...(status === 'failed' && code !== undefined && isDeadNumberCode(code) ? { isAddressDead: true } : {}),
  };
}
