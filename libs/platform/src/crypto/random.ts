import { randomBytes, randomUUID } from 'node:crypto';

/** Opaque token in UUID form, as the published interfaces demand: 122 random bits. Store only its SHA-256. */
export const randomToken = (): string => randomUUID();

/** Secret of a client app: 32 lower-case hex digits, 128 random bits. Lower case because one door lower-cases it before hashing. */
export const randomSecret = (): string => randomBytes(16).toString('hex');

/** Signing secret of a callback in the form of Standard Webhooks: `whsec_` and 32 random bytes. */
export const randomWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
