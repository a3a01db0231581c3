import { DEVICE_TOKEN, isChannel, type Params } from '#contracts';
import { httpUrlProblem } from '#content';
import { PARAM_LIMITS } from '../../../intake/param-limits.policy.js';

const MAX_RECIPIENTS = 100_000;
const MAX_ID_LENGTH = 256;
const MAX_ADDRESS_LENGTH = 2048;
const MAX_NAME_LENGTH = 256;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= max;

function unknownKey(object: Record<string, unknown>, known: readonly string[]): string | null {
  return Object.keys(object).find((key) => !known.includes(key)) ?? null;
}

/** What is wrong with the values of placeholders, or null. Numbers and booleans count as text. */
export function paramsProblem(value: unknown): string | null {
  if (value === undefined) return null;
  if (!isObject(value)) return ' must be an object of texts';
  const entries = Object.entries(value);
  if (entries.length > PARAM_LIMITS.names) return ` must not have more than ${PARAM_LIMITS.names} names`;
  for (const [name, text] of entries) {
    if (name === '' || name.length > PARAM_LIMITS.nameLength)
      return ` has a name that is empty or longer than ${PARAM_LIMITS.nameLength}`;
    if (!['string', 'number', 'boolean'].includes(typeof text)) return `.${name} must be a text`;
    if (String(text).length > PARAM_LIMITS.length) return `.${name} must not be longer than ${PARAM_LIMITS.length}`;
  }
  return null;
}

export const toParams = (value: Record<string, unknown> | undefined): Params | undefined =>
  value && Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));

function listProblem(value: unknown, itemProblem: (item: unknown) => string | null): string | null {
  if (value === undefined) return null;
  if (!Array.isArray(value)) return ' must be a list';
  if (value.length > MAX_RECIPIENTS) return ` must not have more than ${MAX_RECIPIENTS} entries`;
  for (const [i, item] of value.entries()) {
    const problem = itemProblem(item);
    if (problem !== null) return `[${i}]${problem}`;
  }
  return null;
}

export type UserEntry = string | { userId: string; params?: Record<string, unknown> };

/** `to.users`: ids, or ids with params of their own. */
export const usersProblem = (value: unknown): string | null =>
  listProblem(value, (item) => {
    if (typeof item === 'string') return isText(item, MAX_ID_LENGTH) ? null : ' must be a user id';
    if (!isObject(item)) return ' must be a user id or {userId, params}';
    const extra = unknownKey(item, ['userId', 'params']);
    if (extra !== null) return `.${extra} is not a field of this request`;
    if (!isText(item['userId'], MAX_ID_LENGTH)) return '.userId must be a user id';
    const problem = paramsProblem(item['params']);
    return problem === null ? null : `.params${problem}`;
  });

/** `to.tags`, `to.orgUnits`: names. */
export const namesProblem = (value: unknown): string | null =>
  listProblem(value, (item) => (isText(item, MAX_ID_LENGTH) ? null : ' must be a name'));

/** `to.devices`: tokens. */
export const devicesProblem = (value: unknown): string | null =>
  listProblem(value, (item) =>
    typeof item === 'string' && DEVICE_TOKEN.test(item)
      ? null
      : ' must be a device token: 1 to 512 letters, digits and the characters . _ : -',
  );

/** `to.addresses`: people outside the directory. */
export const addressesProblem = (value: unknown): string | null =>
  listProblem(value, (item) => {
    if (!isObject(item)) return ' must be {channel, address, name?}';
    const extra = unknownKey(item, ['channel', 'address', 'name', 'params']);
    if (extra !== null) return `.${extra} is not a field of this request`;
    if (!isChannel(item['channel']) || item['channel'] === 'portal') return '.channel must be a channel with addresses';
    if (!isText(item['address'], MAX_ADDRESS_LENGTH)) return '.address must be a text';
    if (item['name'] !== undefined && !isText(item['name'], MAX_NAME_LENGTH)) return '.name must be a text';
    const problem = paramsProblem(item['params']);
    return problem === null ? null : `.params${problem}`;
  });

/** A link. The door refuses what the channels would leave out; an empty one is none. */
export function linkProblem(value: unknown): string | null {
  if (value === undefined || value === '') return null;
  if (typeof value !== 'string') return ' must be a string';
  const problem = httpUrlProblem(value);
  return problem === null ? null : ` is no link: ${problem}`;
}
