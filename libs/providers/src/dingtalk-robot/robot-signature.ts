import { createHmac } from 'node:crypto';

/** Signature of a robot's request (加签): HMAC-SHA256 under the secret of the time and the secret, base64. */
export const robotSignature = (secret: string, timestampMs: number): string =>
  createHmac('sha256', secret).update(`${timestampMs}\n${secret}`).digest('base64');
