import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { safeEqual } from '#platform';
import { PspError } from './psp.error.js';

/** How far the clocks of caller and center may be apart. */
export const WINDOW_MS = 10 * 60 * 1000;
/** Digits of a time in ms that any caller may mean; more would be no safe integer. */
const TIMESTAMP = /^[1-9]\d{0,14}$/;

/** The header triple that every call of the door carries. */
export interface SignedCall {
  appkey: string;
  /** As it was sent: it is part of what is signed. */
  timestamp: string;
  /** Lower-case hex MD5. */
  token: string;
}

/** @throws PspError `noAppkey`, `token`, `timestamp`: what is missing, or cannot be a time */
export function readSignedCall(headers: IncomingHttpHeaders): SignedCall {
  const { appkey, validationtoken: token, timestamp } = headers;
  if (typeof appkey !== 'string' || appkey === '') throw new PspError('noAppkey');
  if (typeof token !== 'string' || token === '') throw new PspError('token');
  if (typeof timestamp !== 'string' || !TIMESTAMP.test(timestamp)) throw new PspError('timestamp');
  return { appkey, timestamp, token };
}

/** @param nowMs epoch ms */
export const isFresh = ({ timestamp }: SignedCall, nowMs: number): boolean =>
  Math.abs(Number(timestamp) - nowMs) <= WINDOW_MS;

/** MD5 is the published interface's choice; the secret is compared in a time that tells nothing of it. */
export const isSignedWith = (secret: string, { appkey, timestamp, token }: SignedCall): boolean =>
  safeEqual(validationTokenOf(appkey, secret, timestamp), token);

export const validationTokenOf = (appkey: string, secret: string, timestamp: string): string =>
  createHash('md5')
    .update(appkey.toLowerCase() + secret.toLowerCase() + timestamp)
    .digest('hex');
