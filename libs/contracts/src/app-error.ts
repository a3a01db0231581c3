/**
 * What kind of failure it is decides HTTP status, disposition of a broker message and log level, each in one place:
 * nothing ever decides on a text.
 */
export const ERROR_KINDS = [
  'invalid',
  'not_found',
  'conflict',
  'unauthorized',
  'forbidden',
  'rate_limited',
  'transient',
  'permanent',
  'bug',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Base of every error the product throws on purpose. `message` tells a person what to do next. */
export class AppError extends Error {
  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    readonly details: Record<string, unknown> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
