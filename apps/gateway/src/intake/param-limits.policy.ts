import type { Params } from '#contracts';
import { IntakeError } from './intake-error.js';

/** What the values of a message's placeholders may be, at every door. Lengths in UTF-16 units. */
export const PARAM_LIMITS = { names: 200, nameLength: 64, length: 20_000 } as const;

/** What of the params is too long: their number, a name, a value. */
export type OverlongParams = keyof typeof PARAM_LIMITS;

/** A text that no channel could carry is refused when it comes, not channel by channel later. @throws IntakeError */
export function refuseOverlongParams(params: Params | undefined): void {
  if (!params) return;
  const names = Object.keys(params);
  if (names.length > PARAM_LIMITS.names) throw overlong('params', 'names');
  for (const name of names) {
    if (name.length > PARAM_LIMITS.nameLength) throw overlong(`params.${name.slice(0, 64)}`, 'nameLength');
    if ((params[name] ?? '').length > PARAM_LIMITS.length) throw overlong(`params.${name}`, 'length');
  }
}

const WORDS: Readonly<Record<OverlongParams, string>> = {
  names: 'has more names than',
  nameLength: 'has a name with more characters than',
  length: 'has more characters than',
};

function overlong(field: string, what: OverlongParams): IntakeError {
  const atMost = PARAM_LIMITS[what];
  return new IntakeError('text_invalid', `"${field}" ${WORDS[what]} ${atMost}.`, field, { overlong: what, atMost });
}
