import { createHash } from 'node:crypto';

/** What Umeng asks for: not a secret's protection of our choice, but its own rule. */
export const umengSignature = (url: string, body: string, masterSecret: string): string =>
  createHash('md5').update(`POST${url}${body}${masterSecret}`, 'utf8').digest('hex');
