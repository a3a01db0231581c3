import type { FastifyRequest } from 'fastify';
import { HTTP_LIMITS } from '#platform';
import { decodeText, parseJsonObject } from '../../http/raw-body.js';
import { formFields, REPEATED } from './form-fields.js';
import { PlatformError } from './platform.error.js';

/** What a request gave, by parameter, wherever it travelled: `REPEATED` where it is not clear what was meant. */
export type Given = ReadonlyMap<string, unknown>;

/** No form starts so: the names of all parameters are words. */
const STARTS_LIKE_JSON = /^\s*[{["/]/;
/** What some tools send unless told otherwise: its boundary. */
const STARTS_LIKE_MULTIPART = /^--.*\r?\ncontent-disposition:/i;
const MULTIPART_ADVICE = '请求体不能是 multipart/form-data，请使用 application/x-www-form-urlencoded 或 JSON';

/**
 * Query, form or JSON: callers mix them and send any Content-Type, so the body itself tells what it is. The same value
 * in query and body is one value; two different ones are not.
 */
export function givenBy(request: Pick<FastifyRequest, 'raw' | 'body'>): Given {
  const given: Map<string, unknown> = formFields(queryOf(request.raw.url ?? ''));
  const text = decodeText(request.body);
  if (STARTS_LIKE_MULTIPART.test(text)) throw new PlatformError('parameter', MULTIPART_ADVICE);
  const fields = STARTS_LIKE_JSON.test(text)
    ? Object.entries(parseJsonObject(text, HTTP_LIMITS.jsonDepth))
    : formFields(text.trimEnd());
  for (const [name, value] of fields) {
    given.set(name, given.has(name) && given.get(name) !== value ? REPEATED : value);
  }
  return given;
}

/** Read from the URL itself: Fastify's parser lets broken escapes pass. */
function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}
