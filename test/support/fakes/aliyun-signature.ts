import { createHash, createHmac } from 'node:crypto';
import type { VendorRequest } from './misbehaving-vendor.js';

const MAX_SKEW_MS = 15 * 60_000;
const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const escaped = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9_.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

export interface SignatureProblem {
  status: number;
  code: string;
  message: string;
}

/**
 * Aliyun's side of ACS3: what the request claims to have signed is signed again and compared. Null: the signature is right.
 * Refusals are worded as the gateway words them, with the whole request in them.
 */
export function aliyunSignatureProblem(
  request: VendorRequest,
  keys: ReadonlyMap<string, string>,
  nowMs: number,
): SignatureProblem | null {
  const { headers } = request;
  const claim = /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? '',
  );
  if (!claim) return refusal(400, 'IncompleteSignature', 'The request signature does not conform to Aliyun standards.');
  const [, keyId = '', signedHeaders = '', signature] = claim;
  const secret = keys.get(keyId);
  if (secret === undefined) return refusal(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
  const date = Date.parse(headers['x-acs-date'] ?? '');
  if (Number.isNaN(date) || Math.abs(nowMs - date) > MAX_SKEW_MS)
    return refusal(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.');
  const names = signedHeaders.split(';');
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-acs-'))];
  const isComplete = needed.every((name) => names.includes(name)) && names.join() === [...names].sort().join();
  if (!isComplete || headers['x-acs-content-sha256'] !== hash(request.body))
    return refusal(400, 'IncompleteSignature', 'A header that must be signed is not.');
  const query = [...request.query.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join('&');
  const canonical = [
    request.method,
    request.path,
    query,
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    signedHeaders,
    headers['x-acs-content-sha256'],
  ].join('\n');
  const expected = createHmac('sha256', secret)
    .update(`ACS3-HMAC-SHA256\n${hash(canonical)}`)
    .digest('hex');
  if (expected === signature) return null;
  return refusal(
    400,
    'SignatureDoesNotMatch',
    `Specified signature is not matched with our calculation.server string to sign is:${canonical}`,
  );
}

const refusal = (status: number, code: string, message: string): SignatureProblem => ({ status, code, message });
