import { AppError } from '#contracts';
import { redactText } from './redact-text.js';

const MAX_CAUSES = 3;
const MAX_FRAMES = 20;

export interface SerializedError {
  type: string;
  code?: string;
  kind?: string;
  message: string;
  stack?: string;
  cause?: SerializedError;
}

/**
 * An error as it may be logged. Everything else an error carries is left out on purpose: drivers hang the SQL, its parameters and the
 * values of the conflicting row (`detail`) on theirs.
 */
export function serializeError(error: Error, causes = MAX_CAUSES): SerializedError {
  const { code } = error as { code?: unknown };
  const cause = error instanceof AggregateError ? (error.cause ?? error.errors[0]) : error.cause;
  return {
    type: redactText(error.name),
    ...((typeof code === 'string' || typeof code === 'number') && { code: redactText(String(code)) }),
    ...(error instanceof AppError && { kind: error.kind }),
    message: messageOf(error),
    ...(error.stack && { stack: framesOf(error.stack) }),
    ...(cause instanceof Error && causes > 0 && { cause: serializeError(cause, causes - 1) }),
  };
}

/** PostgreSQL quotes the offending value in the message of a data error (`invalid input syntax for type uuid: "…"`). */
function messageOf(error: Error): string {
  const isFromServer = 'severity' in error || 'driverError' in error;
  const message = isFromServer ? error.message.replace(/: "[^]*$/, ': [redacted]') : error.message;
  return redactText(message);
}

/** Only the frames of a stack: its head repeats the message. */
export const framesOf = (stack: string): string =>
  redactText(
    stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, MAX_FRAMES)
      .join('\n'),
  );
