/**
 * What WeChat shows of a template's field. Since 2023-05-04 it shows neither `first` nor `remark`, no emoji, no line breaks and
 * 20 characters of a value; templates of a category name the kind of each field (`thing1`, `phrase2`), whose limit is then kept
 * by refusing the message (47003).
 */
export interface FieldProblem {
  field: string;
  problem: string;
}

const DEFAULT_LENGTH = 20;
const LONG_NAME = 20;
const CHINESE_NAME = 10;

/** Characters by kind of field, where it is not 20. */
const LENGTHS: ReadonlyMap<string, number> = new Map([
  ['number', 32],
  ['letter', 32],
  ['symbol', 5],
  ['character_string', 32],
  ['phone_number', 17],
  ['car_number', 8],
  ['phrase', 5],
  ['short_thing', 5],
  // Points in time and amounts have forms of their own, which no cutting could mend.
  ['time', 64],
  ['date', 64],
  ['amount', 64],
]);

const NOT_SHOWN: ReadonlySet<string> = new Set(['first', 'remark']);
const EMOJI = /\p{Extended_Pictographic}/u;
const LINE_BREAK = /[\r\n\u2028\u2029]/;

const kindOf = (field: string): string => field.replace(/(?<!\d)\d+$/, '');

function lengthOf(field: string, value: string): number {
  const kind = kindOf(field);
  if (kind === 'name') return /\P{ASCII}/u.test(value) ? CHINESE_NAME : LONG_NAME;
  return LENGTHS.get(kind) ?? DEFAULT_LENGTH;
}

/** Everything in the data of a template message that WeChat will leave out, cut or refuse. */
export function fieldProblems(data: Readonly<Record<string, string>>): FieldProblem[] {
  return Object.entries(data).flatMap(([field, value]) => {
    if (NOT_SHOWN.has(field)) return [{ field, problem: 'is no longer shown by WeChat' }];
    const limit = lengthOf(field, value);
    return [
      ...([...value].length > limit ? [`is longer than ${limit} characters`] : []),
      ...(LINE_BREAK.test(value) ? ['holds line breaks'] : []),
      ...(EMOJI.test(value) ? ['holds emoji, which WeChat removes'] : []),
    ].map((problem) => ({ field, problem }));
  });
}

/** The problems as words of an outcome; undefined where there are none. */
export function warningOf(problems: readonly FieldProblem[]): string | undefined {
  if (problems.length === 0) return undefined;
  return `WeChat does not show all of it: ${problems.map(({ field, problem }) => `${field} ${problem}`).join('; ')}`;
}

/** A value that WeChat takes for the field: one line, within its length, never half a character. */
export function fitField(field: string, value: string): string {
  const line = value.replace(/\s+/gu, ' ').trim();
  const limit = lengthOf(field, line);
  const characters = [...line];
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`;
}
