import type { OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import type { Errcode } from '../vendor-api/errcode-api.js';

const CLASSES: ReadonlyMap<number, Outcome['class']> = new Map([
  [-1, 'retry'], // busy
  [40014, 'auth_refresh'],
  [41001, 'auth_refresh'],
  [42001, 'auth_refresh'],
  [45009, 'rate_limited'], // calls a minute, an hour, a day
  [45033, 'rate_limited'], // calls at once
  [40001, 'bad_config'], // secret
  [40013, 'bad_config'], // company
  [40056, 'bad_config'], // app
  [40091, 'bad_config'], // secret
  [48002, 'bad_config'],
  [48005, 'bad_config'],
  [50003, 'bad_config'], // app disabled
  [60020, 'bad_config'], // our IP
  [301002, 'bad_config'], // no right on the app
  [40003, 'bad_recipient'],
  [40031, 'bad_recipient'],
  [50002, 'bad_recipient'],
  [60011, 'bad_recipient'],
  [60111, 'bad_recipient'],
  [81013, 'bad_recipient'], // none of them can be reached
  [82001, 'bad_recipient'], // nobody was named
  [40008, 'bad_content'],
  [40032, 'bad_content'], // more recipients than a call takes
  [40058, 'bad_content'],
  [44004, 'bad_content'],
  [45002, 'bad_content'],
  [45008, 'bad_content'],
  [82002, 'bad_content'],
  [82003, 'bad_content'],
]);

/** Codes that refuse a whole call for the sake of a recipient it does not name, or for their number. */
const BLAMES_ONE: ReadonlySet<string> = new Set(['40003', '40031', '40032', '50002', '60011', '60111']);

/**
 * The member may be well and only outside the app's visible range, or the call named nobody: that changes with the set-up at WeCom,
 * which registering the address again would not mend. 40003, 40031, 50002 and 60111 speak of the member himself.
 */
const MAYBE_OUT_OF_RANGE: ReadonlySet<number> = new Set([60011, 81013, 82001]);

/** The shortest of WeCom's penalties; the hour's and the day's show themselves by refusing again. */
const FREQUENCY_PENALTY_MS = 60_000;
const CONCURRENCY_PAUSE_MS = 5_000;

/** Outcome of an errcode. One that nobody knows yet has sent nothing and is tried again. */
export function outcomeOfWecomCode({ code }: Errcode): Omit<Outcome, 'code' | 'words'> {
  if (code === 45009) return { class: 'rate_limited', retryAfterMs: FREQUENCY_PENALTY_MS, isAccountWide: true };
  if (code === 45033) return { class: 'rate_limited', retryAfterMs: CONCURRENCY_PAUSE_MS };
  if (MAYBE_OUT_OF_RANGE.has(code)) return { class: 'bad_recipient', isAddressKept: true };
  return { class: CLASSES.get(code) ?? 'retry' };
}

export const blamesOne = ({ code }: Outcome): boolean => BLAMES_ONE.has(code ?? '');

/** Recipients as WeCom tells them apart. */
export const wecomName = ({ address }: OutboundDelivery): string => address.toLowerCase();

/**
 * Outcomes of a call that WeCom took: it names whom it could not reach and says nothing of the others. `ok` is acceptance, no proof:
 * what exceeds a member's 30 a minute is dropped without a word.
 */
export function outcomesOfSend(group: readonly OutboundDelivery[], json: Record<string, unknown>): Outcome[] {
  const invalid = namesIn(json.invaliduser);
  const unlicensed = namesIn(json.unlicenseduser);
  const msgId = typeof json.msgid === 'string' && json.msgid !== '' ? json.msgid : undefined;
  return group.map((delivery): Outcome => {
    const name = wecomName(delivery);
    if (invalid.has(name)) return INVALID;
    if (unlicensed.has(name)) return UNLICENSED;
    return msgId === undefined ? { class: 'ok' } : { class: 'ok', providerRef: `${msgId}:${delivery.address}` };
  });
}

const INVALID: Outcome = {
  class: 'bad_recipient',
  code: 'invaliduser',
  words: 'no such member, or outside the range that the app may reach',
  isAddressKept: true,
};
const UNLICENSED: Outcome = {
  class: 'bad_recipient',
  code: 'unlicenseduser',
  words: 'the member has no licence for this app',
  isAddressKept: true,
};

const namesIn = (list: unknown): ReadonlySet<string> =>
  new Set(typeof list === 'string' ? list.toLowerCase().split('|').filter(Boolean) : []);
