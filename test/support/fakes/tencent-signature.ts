import { createHash, createHmac } from 'node:crypto';
import type { VendorRequest } from './misbehaving-vendor.js';

const MAX_SKEW_S = 300;
const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const keyed = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

/**
 * Tencent Cloud's side of TC3: signs again what the request says it has signed, and compares. Null: the signature is right. The
 * official client signs the host without its port and takes the service from the host's first label, so both are read from the claim.
 * @param host as the vendor sees it, with or without a port
 */
export function tencentSignatureProblem(
  request: VendorRequest,
  host: string,
  keys: ReadonlyMap<string, string>,
  nowMs: number,
): { code: string; message: string } | null {
  const { headers, body } = request;
  const claim =
    /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d\d-\d\d)\/([^/]+)\/tc3_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!claim)
    return { code: 'AuthFailure.InvalidAuthorization', message: 'The Authorization header is not by the standard.' };
  const [, id = '', day = '', service = '', signedHeaders = '', signature] = claim;
  const secret = keys.get(id);
  if (secret === undefined) return { code: 'AuthFailure.SecretIdNotFound', message: 'The SecretId is not found.' };
  const timestamp = Number(headers['x-tc-timestamp']);
  const isNow = Math.abs(nowMs / 1000 - timestamp) <= MAX_SKEW_S;
  if (!isNow || new Date(timestamp * 1000).toISOString().slice(0, 10) !== day)
    return {
      code: 'AuthFailure.SignatureExpire',
      message: 'Timestamp and server time differ by more than five minutes.',
    };
  const names = signedHeaders.split(';');
  const values: Record<string, string> = { ...headers, host: host.replace(/:\d+$/, '') };
  const canonical = [
    request.method,
    request.path,
    '',
    names.map((name) => `${name}:${(values[name] ?? '').trim()}\n`).join(''),
    signedHeaders,
    hash(body),
  ].join('\n');
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${day}/${service}/tc3_request\n${hash(canonical)}`;
  const key = keyed(keyed(keyed(Buffer.from(`TC3${secret}`), day), service), 'tc3_request');
  const isRight =
    keyed(key, text).toString('hex') === signature && names.includes('host') && names.includes('content-type');
  return isRight
    ? null
    : { code: 'AuthFailure.SignatureFailure', message: 'The provided credentials could not be validated.' };
}
