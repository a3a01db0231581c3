import { AppError } from '#contracts';

/** A request's body as it came. Each door decodes it in the form its call expects, whatever the Content-Type says. */
export class RawBody {
  /** @param refusal why it was not kept, for the door to tell; `bytes` is empty then */
  constructor(
    readonly bytes: Buffer,
    readonly refusal?: AppError,
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

/** The bytes of a body. @throws AppError why it was refused: `BodyError` too_large, or `transient` */
export function bytesOf(body: unknown): Buffer {
  if (!(body instanceof RawBody)) return Buffer.alloc(0);
  if (body.refusal) throw body.refusal;
  return body.bytes;
}

/** UTF-8 text of a body. @throws BodyError, and as `bytesOf` */
export function decodeText(body: unknown): string {
  const bytes = bytesOf(body);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new BodyError('not_utf8', 'The body is not valid UTF-8.');
  }
}

/** A JSON object; an empty body is the empty object. @throws BodyError, and as `bytesOf` */
export function decodeJsonObject(body: unknown, maxDepth: number): Record<string, unknown> {
  return parseJsonObject(decodeText(body), maxDepth);
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
