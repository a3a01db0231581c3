import { REDACTED, redactText } from './redact-text.js';
import { isSecretName } from './secret-names.js';
import { serializeError } from './serialize-error.js';

const MAX_DEPTH = 5;
const MAX_MEMBERS = 64;
/** Values one line may hold in all, so that a hostile structure cannot make a line of megabytes. */
const MAX_VALUES = 1000;

/** A copy that may be logged: no value of a secret name, at any depth; bounded in depth and size; errors in their short form. */
export function redactFields(fields: object): Record<string, unknown> {
  const budget = { values: MAX_VALUES };
  if (fields instanceof Error) return { err: serializeError(fields) };
  return copyMembers(Object.entries(fields), 1, budget);
}

function copyMembers(entries: [string, unknown][], depth: number, budget: { values: number }): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of entries.slice(0, MAX_MEMBERS)) {
    copy[redactText(name)] = isSecretName(name) && value !== undefined ? REDACTED : copyValue(value, depth, budget);
  }
  return copy;
}

function copyValue(value: unknown, depth: number, budget: { values: number }): unknown {
  budget.values -= 1;
  if (budget.values < 0) return '[too much]';
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'bigint':
      return value.toString();
    case 'symbol':
    case 'function':
      return undefined;
    case 'object':
      return value === null ? null : copyObject(value, depth, budget);
    default:
      return value;
  }
}

function copyObject(value: object, depth: number, budget: { values: number }): unknown {
  if (value instanceof Error) return serializeError(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Map) return copyMembers(mapEntries(value), depth + 1, budget);
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].slice(0, MAX_MEMBERS).map((member: unknown) => copyValue(member, depth + 1, budget));
  }
  return copyMembers(Object.entries(value), depth + 1, budget);
}

const mapEntries = (map: ReadonlyMap<unknown, unknown>): [string, unknown][] =>
  [...map].map(([name, value]) => [typeof name === 'object' ? '[object]' : String(name), value]);
