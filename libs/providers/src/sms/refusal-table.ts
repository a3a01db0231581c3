import { vendorCode } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

/** The vendor's no to one delivery. */
export interface Refusal {
  code: string;
  /** Already fit for an outcome. */
  words: string;
  /** Of the delivery, 1 for the first. */
  attempt: number;
  nowMs: number;
  /** The account lists the template; else only the message named it. */
  isListedTemplate: boolean;
}

export type Judge = (refusal: Refusal) => Pick<Outcome, 'class' | 'retryAfterMs' | 'isAccountWide' | 'isAddressKept'>;

export const is =
  (outcomeClass: Outcome['class']): Judge =>
  () => ({ class: outcomeClass });

/** The number does not get this content through this account, but is a good number. */
export const refusedHere: Judge = () => ({ class: 'bad_recipient', isAddressKept: true });

/** The number has had enough for now. */
export const waits =
  (pauseMs: (refusal: Refusal) => number): Judge =>
  (refusal) => ({ class: 'rate_limited', retryAfterMs: pauseMs(refusal) });

/** The account has. */
export const accountWaits =
  (pauseMs: (refusal: Refusal) => number): Judge =>
  (refusal) => ({ class: 'rate_limited', retryAfterMs: pauseMs(refusal), isAccountWide: true });

/** The account is wrong; but where only the message names the template, the message is, and nobody else must suffer for it. */
export const templateIsWrong: Judge = ({ isListedTemplate }) => ({
  class: isListedTemplate ? 'bad_config' : 'bad_content',
});

const PAUSES_MS = [61_000, 600_000, 3_600_000] as const;

/**
 * How long to leave a number alone where the vendor says that it gets too much, but not for how long: such limits count by the
 * minute, the hour and the day, so the pause grows with the try.
 */
export const untilNumberIsFree = ({ attempt }: Pick<Refusal, 'attempt'>): number =>
  PAUSES_MS[Math.min(Math.max(attempt, 1), PAUSES_MS.length) - 1] ?? PAUSES_MS[0];

/** What a vendor's codes mean. A code that nobody knows is tried again: it was not sent. */
export class RefusalTable {
  /** @param families for codes that are not among `codes`; the first that fits counts */
  constructor(
    private readonly codes: Readonly<Record<string, Judge>>,
    private readonly families: readonly (readonly [RegExp, Judge])[],
  ) {}

  outcomeOf(refusal: Refusal): Outcome {
    const { code, words } = refusal;
    const judge = Object.hasOwn(this.codes, code) ? this.codes[code] : this.judgeOfFamily(code);
    return { ...(judge ?? is('retry'))(refusal), code: vendorCode(code), words };
  }

  private judgeOfFamily(code: string): Judge | undefined {
    return this.families.find(([family]) => family.test(code))?.[1];
  }
}
