import { AppError } from '#contracts';

/** What a process that cannot start says last: a text for people where it is up to them to put it right, else the stack. */
export function whyNotStarted(error: unknown): string {
  if (error instanceof AppError && (error.kind === 'permanent' || error.kind === 'invalid')) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
