import { createHash, createHmac } from 'node:crypto';

export interface Acs3Credentials {
  accessKeyId: string;
  accessKeySecret: string;
}

export interface Acs3Request {
  /** As the vendor sees it in `Host`. */
  host: string;
  action: string;
  version: string;
  query: Readonly<Record<string, string>>;
  date: Date;
  /** New for every request. */
  nonce: string;
}

const ALGORITHM = 'ACS3-HMAC-SHA256';
const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
const EMPTY_BODY = sha256Hex('');

/** Path and headers of a POST with all parameters in the query and no body, signed with Aliyun's signature V3. */
export function signAcs3(
  { accessKeyId, accessKeySecret }: Acs3Credentials,
  { host, action, version, query, date, nonce }: Acs3Request,
): { path: string; headers: Record<string, string> } {
  const headers: Record<string, string> = {
    'x-acs-action': action,
    'x-acs-content-sha256': EMPTY_BODY,
    // What the vendor's own client says of a fixed key.
    'x-acs-credentials-provider': 'static_ak',
    'x-acs-date': date.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    'x-acs-signature-nonce': nonce,
    'x-acs-version': version,
  };
  const signed = Object.entries({ host, ...headers });
  const names = signed.map(([name]) => name).join(';');
  const canonicalQuery = Object.keys(query)
    .sort()
    .map((name) => `${encode(name)}=${encode(query[name] ?? '')}`)
    .join('&');
  const canonicalHeaders = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonicalRequest = ['POST', '/', canonicalQuery, canonicalHeaders, names, EMPTY_BODY].join('\n');
  const signature = createHmac('sha256', accessKeySecret)
    .update(`${ALGORITHM}\n${sha256Hex(canonicalRequest)}`)
    .digest('hex');
  return {
    path: `/?${canonicalQuery}`,
    headers: {
      ...headers,
      authorization: `${ALGORITHM} Credential=${accessKeyId},SignedHeaders=${names},Signature=${signature}`,
    },
  };
}

/** RFC 3986: also the five that `encodeURIComponent` leaves. */
const encode = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
