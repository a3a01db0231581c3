import { AppError } from '#contracts';
import type { Env } from '../config/read-setting.js';
import { whyNoDatabase } from './why-no-database.js';

/** What a process that cannot start says last: a text for people where it is up to them to put it right, else the stack. */
export function whyNotStarted(error: unknown, env: Env = process.env): string {
  if (error instanceof AppError && (error.kind === 'permanent' || error.kind === 'invalid')) return error.message;
  return whyNoDatabase(error, env) ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
}
