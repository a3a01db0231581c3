import { createHash, createHmac } from 'node:crypto';

export interface Tc3Credentials {
  secretId: string;
  secretKey: string;
}

export interface Tc3Request {
  /** As the vendor sees it in `Host`, without a port. */
  host: string;
  /** First label of the vendor's host, e.g. `sms`. */
  service: string;
  contentType: string;
  body: string;
  timestampS: number;
}

const ALGORITHM = 'TC3-HMAC-SHA256';
const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** `Authorization` of a POST to `/`, by Tencent Cloud's signature V3. */
export function signTc3(
  { secretId, secretKey }: Tc3Credentials,
  { host, service, contentType, body, timestampS }: Tc3Request,
): string {
  const signedHeaders = 'content-type;host';
  const canonicalRequest = [
    'POST',
    '/',
    '',
    `content-type:${contentType}\nhost:${host}\n`,
    signedHeaders,
    sha256Hex(body),
  ].join('\n');
  const day = new Date(timestampS * 1000).toISOString().slice(0, 10);
  const scope = `${day}/${service}/tc3_request`;
  const key = [day, service, 'tc3_request'].reduce<string | Buffer>(hmac, `TC3${secretKey}`);
  const signature = hmac(key, [ALGORITHM, timestampS, scope, sha256Hex(canonicalRequest)].join('\n')).toString('hex');
  return `${ALGORITHM} Credential=${secretId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}
