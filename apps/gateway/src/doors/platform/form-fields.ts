import { PlatformError, badParameter } from './platform.error.js';

/** Fields of one form or query: the calls of this door have at most a dozen. */
const MAX_FIELDS = 1000;
/** Characters of a field's name as written. */
const MAX_NAME = 256;

/** Stands for a field that came more than once: which of the values was meant is not ours to guess. */
export const REPEATED = Symbol('repeated');
export type FormValue = string | typeof REPEATED;

/** `application/x-www-form-urlencoded`, strictly: broken escapes are refused, `a[b]` is a name like any other. */
export function formFields(text: string): Map<string, FormValue> {
  const fields = new Map<string, FormValue>();
  let count = 0;
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('&', from);
    const to = end === -1 ? text.length : end;
    if (to > from) {
      if (++count > MAX_FIELDS) throw new PlatformError('parameter', `参数过多，最多 ${MAX_FIELDS} 个`);
      addField(fields, text.slice(from, to));
    }
    from = to + 1;
  }
  return fields;
}

function addField(fields: Map<string, FormValue>, pair: string): void {
  const equals = pair.indexOf('=');
  const written = equals === -1 ? pair : pair.slice(0, equals);
  if (written.length > MAX_NAME) throw new PlatformError('parameter', '参数名过长，请检查请求体的格式');
  const name = decode(written, '名称');
  const value = equals === -1 ? '' : decode(pair.slice(equals + 1), name);
  fields.set(name, fields.has(name) ? REPEATED : value);
}

/** @param name for the error only */
function decode(text: string, name: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw badParameter(name, '的 URL 编码有误，请使用 UTF-8 编码');
  }
}
