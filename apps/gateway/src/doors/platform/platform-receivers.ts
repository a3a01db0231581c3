import { hasBadUnicode, isUserId, keptForm } from '#content';
import { badParameter } from './platform.error.js';
import { isAbsent, textOf } from './json-text.js';

/** A user as the caller wrote him. */
export interface UserReceiver {
  userId: string;
  name: string;
}

/** Somebody outside the directory. */
export interface MobileReceiver {
  mobile: string;
  name: string;
}

/** Receivers of one sendMessageBySMSApi. */
const MAX_MOBILES = 10_000;

type Entry = Readonly<Record<string, unknown>>;

/** `receivers` of sendMessageApi, each user once, in the order given. @throws PlatformError 500001 */
export function userReceivers(name: string, value: unknown): UserReceiver[] {
  const byId = new Map<string, UserReceiver>();
  entriesOf(name, value).forEach((entry, index) => {
    if (!isAbsent(entry['type']) && entry['type'] !== 'User') throw badEntry(name, index, '的 type 只能是 User');
    if (isAbsent(entry['userId'])) throw badEntry(name, index, '缺少 userId');
    const userId = textOf(entry['userId']);
    if (userId === undefined) throw badEntry(name, index, '的 userId 必须是字符串');
    if (!isUserId(userId)) throw badEntry(name, index, '的 userId 过长或含有无效字符');
    if (!byId.has(userId)) byId.set(userId, { userId, name: nameOf(name, index, entry) });
  });
  return [...byId.values()];
}

/** `receivers` of sendMessageBySMSApi, each number once; whether it is one, the progress tells. @throws PlatformError 500001 */
export function mobileReceivers(name: string, value: unknown): MobileReceiver[] {
  const entries = entriesOf(name, value);
  if (entries.length > MAX_MOBILES) throw badParameter(name, `最多 ${MAX_MOBILES} 个，请分批提交`);
  const byNumber = new Map<string, MobileReceiver>();
  entries.forEach((entry, index) => {
    if (isAbsent(entry['mobile'])) throw badEntry(name, index, '缺少 mobile');
    const mobile = textOf(entry['mobile'])?.trim();
    if (mobile === undefined) throw badEntry(name, index, '的 mobile 必须是字符串');
    if (hasBadUnicode(mobile)) throw badEntry(name, index, '的 mobile 含有无效字符');
    const number = keptForm('sms', mobile);
    if (!byNumber.has(number)) byNumber.set(number, { mobile, name: nameOf(name, index, entry) });
  });
  return [...byNumber.values()];
}

function entriesOf(name: string, value: unknown): Entry[] {
  if (!Array.isArray(value)) throw badParameter(name, '必须是 JSON 数组');
  if (value.length === 0) throw badParameter(name, '不能为空数组，请至少给出一个接收人');
  value.forEach((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw badEntry(name, index, '必须是 JSON 对象');
  });
  return value as Entry[];
}

function nameOf(parameter: string, index: number, entry: Entry): string {
  const name = entry['name'] == null ? '' : textOf(entry['name']);
  if (name === undefined || hasBadUnicode(name)) throw badEntry(parameter, index, '的 name 必须是有效的文本');
  return name;
}

const badEntry = (name: string, index: number, advice: string): Error =>
  badParameter(name, `的第 ${index + 1} 项${advice}`);
