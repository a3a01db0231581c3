import type { OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import type { Errcode } from '../vendor-api/errcode-api.js';

const CLASSES: ReadonlyMap<string, Outcome['class']> = new Map([
  ['-1', 'retry'], // busy
  ['34015', 'retry'],
  ['33001', 'auth_refresh'],
  ['40001', 'auth_refresh'],
  ['40014', 'auth_refresh'],
  ['42001', 'auth_refresh'],
  ['90002', 'rate_limited'], // calls of the app
  ['90018', 'rate_limited'], // calls of the interface
  ['143103', 'rate_limited'], // people a minute, this app
  ['143104', 'rate_limited'], // people a minute, the company
  ['143203', 'rate_limited'],
  ['143204', 'rate_limited'],
  ['143105', 'rate_limited'], // notices a day to this person
  ['143205', 'rate_limited'],
  ['40013', 'bad_config'],
  ['40089', 'bad_config'], // AppKey or AppSecret
  ['40096', 'bad_config'], // AppKey or AppSecret
  ['60011', 'bad_config'], // no right on the interface
  ['60020', 'bad_config'], // our IP
  ['33012', 'bad_recipient'],
  ['40003', 'bad_recipient'],
  ['60121', 'bad_recipient'],
  ['1430000', 'bad_recipient'], // nobody was named
  ['34016', 'bad_content'], // too long
  ['40035', 'bad_content'],
  ['400002', 'bad_content'],
  ['143106', 'bad_content'], // the same words, the same day
  ['143206', 'bad_content'],
  ['1430002', 'bad_content'], // forbidden words
]);

/** Codes that refuse a whole call for the sake of a recipient it does not name. */
const BLAMES_ONE: ReadonlySet<string> = new Set(['33012', '40003', '60121', '143105', '143205']);
const DAILY_CAPS: ReadonlySet<string> = new Set(['143105', '143205']);

/** Its answer says "a little later"; the limits are those of a minute. */
const MINUTE_MS = 60_000;
/** The day's allowance comes back at midnight; asking hourly costs little. */
const HOUR_MS = 3_600_000;

/** The code that counts: 88 only says that the real one stands in `sub_code`. */
const realCode = ({ code, subCode }: Errcode): string =>
  code === 88 && subCode !== undefined ? subCode : String(code);

/** Outcome of an errcode. One that nobody knows yet has sent nothing and is tried again. */
export function outcomeOfDingtalkCode(errcode: Errcode): Omit<Outcome, 'code' | 'words'> {
  const code = realCode(errcode);
  const outcomeClass = CLASSES.get(code) ?? 'retry';
  if (DAILY_CAPS.has(code)) return { class: outcomeClass, retryAfterMs: HOUR_MS };
  if (outcomeClass === 'rate_limited') return { class: outcomeClass, retryAfterMs: MINUTE_MS, isAccountWide: true };
  return { class: outcomeClass };
}

export const blamesOne = ({ code = '' }: Outcome): boolean => BLAMES_ONE.has(code.replace(/^88\//, ''));

/** First look at the result; most tasks have ended by then. */
const ASK_AFTER_MS = 5_000;

/** Outcomes of a call that DingTalk took: a task whose result, which may still be a failure for some, must be asked for. */
export function outcomesOfTask(group: readonly OutboundDelivery[], taskId: unknown): Outcome[] {
  const task = typeof taskId === 'number' || typeof taskId === 'string' ? String(taskId) : '';
  if (task === '') return group.map(() => ({ class: 'ok' }));
  return group.map(({ address }) => ({
    class: 'ok',
    providerRef: taskRef(task, address),
    ask: { ref: task, afterMs: ASK_AFTER_MS },
  }));
}

export const taskRef = (task: string, userId: string): string => `${task}:${userId}`;
