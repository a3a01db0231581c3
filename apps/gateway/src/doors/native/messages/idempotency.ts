import { sha256 } from '#platform';
import { idempotencyKeyOf } from '../../../intake/idempotency-key.js';
import { invalidField } from '../http/native-errors.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * From the header `Idempotency-Key` and the body: the same body in another order of fields is the same body.
 * @throws InvalidRequestError for a header that is no key
 */
export function idempotencyOf(header: unknown, body: object): { key: string; bodyHash: string } | null {
  if (header === undefined) return null;
  if (typeof header !== 'string' || !KEY.test(header)) {
    throw invalidField('Idempotency-Key', 'Idempotency-Key must be 1 to 255 visible ASCII characters');
  }
  return { key: idempotencyKeyOf('native', header), bodyHash: sha256(JSON.stringify(sorted(body))).toString('hex') };
}

/** The depth is bounded by the body's decoder. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
