import type { Hint } from './hint.js';
import { HINTS } from './hint-table.js';

/**
 * What to do about a code that a channel test brought; undefined where nothing better can be said than the vendor's own words. Codes of
 * two parts (`550_5.1.1`, `88/60011`) are looked up whole, then the more exact part before the general one.
 */
export function hintOf(provider: string, code: string): Hint | undefined {
  const [general = '', exact] = code.split(/[ /]|(?<=^\d{3})_/, 2);
  const spellings = [code, exact, general].flatMap((text) => (text === undefined ? [] : [text, text.toLowerCase()]));
  return [own(HINTS, provider), own(HINTS, '*')]
    .flatMap((table) => spellings.map((spelling) => table && own(table, spelling)))
    .find((found) => found !== undefined);
}

/** Codes come from outside: what every object inherits is no entry. */
const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
