import type { ProviderReceipt } from '../port/channel-provider.port.js';
import { vendorCode } from '../outcome/vendor-words.js';
import { taskRef } from './dingtalk.outcomes.js';

const FORBIDDEN_WORDS: ReadonlyMap<string, string> = new Map([
  ['143103', 'too many notices of this app within a minute'],
  ['143104', 'too many notices of the company within a minute'],
  ['143105', 'this person has had the 500 notices of a day'],
  ['143106', 'this person has had the same words today'],
]);

/** Per person, what a finished task brought. */
export function receiptsOfResult(task: string, answer: Record<string, unknown>): ProviderReceipt[] {
  const result = isRecord(answer.send_result) ? answer.send_result : {};
  const why = reasonsOf(result.forbidden_list ?? answer.forbidden_list);
  const ref = (userId: string): { providerRef: string } => ({ providerRef: taskRef(task, userId) });
  return [
    ...usersIn(result.invalid_user_id_list).map((userId): ProviderReceipt => ({
      ...ref(userId),
      status: 'failed',
      code: 'invalid_user',
      words: 'no such person in the company',
      isAddressDead: true,
    })),
    ...[...new Set([...usersIn(result.forbidden_user_id_list), ...why.keys()])].map((userId): ProviderReceipt => {
      const code = why.get(userId) ?? 'forbidden';
      return { ...ref(userId), status: 'failed', code, words: FORBIDDEN_WORDS.get(code) ?? 'held back by DingTalk' };
    }),
    ...usersIn(result.failed_user_id_list).map((userId): ProviderReceipt => ({
      ...ref(userId),
      status: 'failed',
      code: 'send_failed',
    })),
    ...usersIn(result.read_user_id_list).map((userId): ProviderReceipt => ({ ...ref(userId), status: 'read' })),
    ...usersIn(result.unread_user_id_list).map((userId): ProviderReceipt => ({ ...ref(userId), status: 'delivered' })),
  ];
}

/** True once DingTalk has dealt with everybody of the task. */
export const isTaskDone = (answer: Record<string, unknown>): boolean =>
  isRecord(answer.progress) && answer.progress.status === 2;

/** Code by person of those whom a limit kept from getting the notice. */
function reasonsOf(list: unknown): Map<string, string> {
  const entries = Array.isArray(list) ? list.filter(isRecord) : [];
  return new Map(entries.map(({ userid, code }) => [String(userid), vendorCode(String(code))]));
}

const usersIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((userId): userId is string => typeof userId === 'string') : [];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
