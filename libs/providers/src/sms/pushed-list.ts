import { parseExactJson } from '../vendor-api/exact-json.js';

/** What a vendor pushed: the objects of the JSON array (or the one object); empty for an empty body, null where it is no such thing. */
export function readPushedList(body: Buffer): Record<string, unknown>[] | null {
  const text = body.toString('utf8').trim();
  if (text === '') return [];
  try {
    const value: unknown = parseExactJson(text);
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.every(isObject) ? list : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Longest text of an uplink that is kept: SMS of a person end far below it. */
const MAX_UPLINK = 2000;

/** A person's words as the database can keep them. */
export const uplinkText = (text: string): string =>
  text
    .slice(0, MAX_UPLINK)
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('\0', '');
