import type { ProviderReceipt, QueryAnswer } from '../port/channel-provider.port.js';
import type { JpushApi } from './jpush.api.js';

const MAX_DEVICES = 1000;
/** Reports follow the sending by a while. */
export const FIRST_REPORT_MS = 60_000;
const MSG_REF = /^msg:(\d{1,20}):(.+)$/s;

export const msgRefOf = (msgId: string, token: string): string => `msg:${msgId}:${token}`;

const WAITING: QueryAnswer = { state: 'waiting', receipts: [] };
const ENDED: QueryAnswer = { state: 'ended', receipts: [] };

/** What became of deliveries that JPush took, in few calls; `answers[i]` belongs to `refs[i]`. */
export async function askForReports(
  api: JpushApi,
  refs: readonly string[],
  signal: AbortSignal,
): Promise<QueryAnswer[]> {
  const asked = refs.map((ref) => {
    const [, msgId = '', token = ''] = MSG_REF.exec(ref) ?? [];
    return { msgId, token };
  });
  const tokens = new Map<string, string[]>();
  for (const { msgId, token } of asked) if (msgId) tokens.set(msgId, [...(tokens.get(msgId) ?? []), token]);
  const known = new Map<string, QueryAnswer>();
  for (const [msgId, ofMessage] of tokens)
    for (let start = 0; start < ofMessage.length; start += MAX_DEVICES) {
      const some = ofMessage.slice(start, start + MAX_DEVICES);
      const answer = await api.statusOf(msgId, some, signal);
      // An app that may not ask never gets an answer: nothing more will come.
      const isRefused = 'outcome' in answer && ['bad_config', 'bad_content'].includes(answer.outcome.class);
      for (const token of some) {
        const said = 'json' in answer ? answerOf(answer.json[token], msgId, token) : isRefused ? ENDED : WAITING;
        known.set(msgRefOf(msgId, token), said);
      }
    }
  return refs.map((ref) => known.get(ref) ?? ENDED);
}

function answerOf(said: unknown, msgId: string, token: string): QueryAnswer {
  const status = (said as { status?: unknown } | null | undefined)?.status;
  const receipt = RECEIPTS[String(status)];
  return receipt ? { state: 'ended', receipts: [{ ...receipt, providerRef: providerRefOf(msgId, token) }] } : WAITING;
}

/** One message of a call at one device. @param call JPush's id of the message, or our key of the call */
export const providerRefOf = (call: string, token: string): string => `${call}:${token}`;

/** By JPush's status; 1 not yet and 4 its own trouble are asked for again. */
const RECEIPTS: Readonly<Record<string, Omit<ProviderReceipt, 'providerRef'>>> = {
  '0': { status: 'delivered' },
  '2': { status: 'failed', code: 'status_2', words: 'the app has no such registration id', isAddressDead: true },
  '3': { status: 'failed', code: 'status_3', words: 'the device was not among those the message went to' },
};
