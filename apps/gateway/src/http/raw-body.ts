import { AppError } from '#contracts';

/** A request's body as it came. Each door decodes it in the form its call expects, whatever the Content-Type says. */
export class RawBody {
  /** @param isTooLarge more bytes came than any call takes; `bytes` is empty then */
  constructor(
    readonly bytes: Buffer,
    readonly isTooLarge: boolean,
  ) {}
}

/** Why a body cannot be used; the door puts it into its own words. */
export class BodyError extends AppError {
  constructor(
    readonly reason: 'too_large' | 'not_utf8' | 'not_json' | 'too_deep' | 'not_object' | 'forbidden_key',
    message: string,
  ) {
    super(`body_${reason}`, 'invalid', message);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 text of a body within `limitBytes`. @throws BodyError */
export function decodeText(body: unknown, limitBytes: number): string {
  if (!(body instanceof RawBody)) return '';
  if (body.isTooLarge || body.bytes.length > limitBytes) {
    throw new BodyError('too_large', `The body is larger than the ${limitBytes} bytes that this call takes.`);
  }
  try {
    return utf8.decode(body.bytes);
  } catch {
    throw new BodyError('not_utf8', 'The body is not valid UTF-8.');
  }
}

/** A JSON object within the limits; an empty body is the empty object. @throws BodyError */
export function decodeJsonObject(body: unknown, limitBytes: number, maxDepth: number): Record<string, unknown> {
  return parseJsonObject(decodeText(body, limitBytes), maxDepth);
}

/** As `decodeJsonObject`, of a text that is decoded already. @throws BodyError */
export function parseJsonObject(text: string, maxDepth: number): Record<string, unknown> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BodyError('not_json', 'The body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BodyError('not_object', 'The body is not a JSON object.');
  }
  inspect(value, maxDepth);
  return value as Record<string, unknown>;
}

/**
 * What no JSON of a caller may be. Walks without recursion, because the depth is the caller's choice.
 * @throws BodyError `too_deep`, `forbidden_key`
 */
export function inspect(root: object, maxDepth: number): void {
  let level: object[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) throw new BodyError('too_deep', `The JSON is nested deeper than ${maxDepth} levels.`);
    const next: object[] = [];
    for (const node of level) {
      if (!Array.isArray(node) && Object.hasOwn(node, '__proto__')) {
        throw new BodyError('forbidden_key', 'The JSON has a key named __proto__.');
      }
      const fields = node as Record<string, unknown>;
      for (const key of Object.keys(fields)) {
        const child = fields[key];
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
}
