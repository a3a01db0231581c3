import { HTTP_LIMITS } from '#platform';
import { compileCheck } from '../../http/compiled-check.js';
import { decodeJsonObject } from '../../http/raw-body.js';
import { missingOrMalformed } from '../../http/shortcoming-words.js';
import { badField } from './psp.error.js';

/**
 * Decodes and checks a body of this door: JSON whatever the Content-Type says; a field that is null counts as left out, as Java
 * callers write what they do not have. The check is compiled once per DTO.
 */
export function bodyOf<T extends object>(dto: new () => T): (raw: unknown) => T {
  let check: ReturnType<typeof compileCheck<T>> | undefined;
  return (raw) => {
    const value = withoutNulls(decodeJsonObject(raw, HTTP_LIMITS.jsonDepth));
    check ??= compileCheck(dto);
    const shortcoming = check(value);
    if (shortcoming) throw badField(shortcoming.field, missingOrMalformed(shortcoming));
    return value as T;
  };
}

/** Of the body, its payload and the body of that; `custom` is the caller's own, and nobody else's business. */
function withoutNulls(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => {
      if (field === null) return [];
      const isNested = (name === 'payload' || name === 'body') && typeof field === 'object' && !Array.isArray(field);
      return [[name, isNested ? withoutNulls(field as Record<string, unknown>) : field]];
    }),
  );
}
