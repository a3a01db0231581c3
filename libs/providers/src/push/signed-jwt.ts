import { sign, type KeyObject } from 'node:crypto';

/** A JSON Web Token; the key decides the signature: RS256 for RSA, ES256 for P-256. */
export function signedJwt(key: KeyObject, claims: object, keyId?: string): string {
  const alg = key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
  const header = { alg, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) };
  const said = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  // The two numbers of an elliptic signature stand side by side in a JWT, not in DER.
  const signature = sign('sha256', Buffer.from(said), { key, dsaEncoding: 'ieee-p1363' });
  return `${said}.${signature.toString('base64url')}`;
}
