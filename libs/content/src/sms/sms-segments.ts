import { septetsOf } from './gsm7-alphabet.js';

export interface SmsSegments {
  /** `gsm7`: every character is in the GSM alphabet; else `ucs2`. */
  encoding: 'gsm7' | 'ucs2';
  /** SMS the text takes, at least 1. */
  segments: number;
}

/** What fits into one SMS, and into each part of several: 140 octets, 6 of them for the header that joins the parts. */
const ROOM = { gsm7: { single: 160, part: 153 }, ucs2: { single: 70, part: 67 } } as const;

/**
 * SMS that a text takes, as budgets count them. The rule is the network's own (GSM 03.38: 160/153 septets, 70/67 UTF-16 units),
 * so one text counts the same whatever provider sends it. Vendors in China bill 70/67 for any text: theirs and ours agree as soon as
 * a signature in Chinese is part of the text.
 * @param signature without its brackets 【】, which are billed with it
 */
export function smsSegments(text: string, signature = ''): SmsSegments {
  const whole = signature === '' ? text : `【${signature}】${text}`;
  const septets: number[] = [];
  for (const character of whole) {
    const width = septetsOf(character);
    if (width === undefined) return { encoding: 'ucs2', segments: fill(unitsOf(whole), ROOM.ucs2) };
    septets.push(width);
  }
  return { encoding: 'gsm7', segments: fill(septets, ROOM.gsm7) };
}

/** UTF-16 units of each character: a character of two is never torn apart. */
const unitsOf = (text: string): number[] => Array.from(text, (character) => character.length);

function fill(widths: readonly number[], room: { single: number; part: number }): number {
  let total = 0;
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    total += width;
    if (used + width > room.part) {
      parts++;
      used = 0;
    }
    used += width;
  }
  return total <= room.single ? 1 : parts;
}
