import { createHash, timingSafeEqual } from 'node:crypto';

export const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

/** Compares secrets in a time that tells nothing of where they differ, nor of their lengths. */
export const safeEqual = (a: string | Buffer, b: string | Buffer): boolean => timingSafeEqual(sha256(a), sha256(b));
