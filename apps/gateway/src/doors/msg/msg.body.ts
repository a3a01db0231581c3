import { HTTP_LIMITS } from '#platform';
import { compileCheck } from '../../http/compiled-check.js';
import { decodeJsonObject } from '../../http/raw-body.js';
import { missingOrMalformed } from '../../http/shortcoming-words.js';
import { MSG_CODE, MsgError } from './msg.error.js';

/** Decodes and checks a body of this door: JSON whatever the Content-Type says. The check is compiled once per DTO. */
export function bodyOf<T extends object>(dto: new () => T): (raw: unknown) => T {
  let check: ReturnType<typeof compileCheck<T>> | undefined;
  return (raw) => {
    const value = decodeJsonObject(raw, HTTP_LIMITS.jsonDepth);
    check ??= compileCheck(dto);
    const shortcoming = check(value);
    if (shortcoming)
      throw new MsgError(MSG_CODE.parameter, `参数 ${shortcoming.field} ${missingOrMalformed(shortcoming)}`);
    return value as T;
  };
}
