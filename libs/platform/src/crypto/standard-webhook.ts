import { createHmac } from 'node:crypto';
import { AppError } from '#contracts';

const PREFIX = 'whsec_';

/**
 * Value of the header `webhook-signature` (Standard Webhooks 1.0.0): one `v1,<base64>` per secret, separated by spaces, so that a
 * receiver may rotate its secret.
 * @param secrets `whsec_<base64>`, the newest first
 * @param id value of `webhook-id`, stable across retries, without a dot
 * @param timestampS value of `webhook-timestamp`, unix seconds of this attempt
 * @param body exactly the bytes that are sent
 */
export function signStandardWebhook(
  secrets: readonly string[],
  id: string,
  timestampS: number,
  body: string | Buffer,
): string {
  if (secrets.length === 0 || id.includes('.')) {
    throw new AppError('WEBHOOK_SIGNATURE_INPUT', 'bug', 'A webhook needs a secret and an id without a dot.');
  }
  return secrets.map((secret) => `v1,${mac(secret, id, timestampS, body)}`).join(' ');
}

function mac(secret: string, id: string, timestampS: number, body: string | Buffer): string {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const key = Buffer.from(encoded, 'base64');
  if (key.length === 0) throw new AppError('WEBHOOK_SECRET', 'permanent', 'A webhook secret is whsec_ and base64.');
  return createHmac('sha256', key).update(`${id}.${timestampS}.`).update(body).digest('base64');
}
