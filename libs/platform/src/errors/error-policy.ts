import { AppError, type ErrorKind } from '#contracts';

/** HTTP status of an error where a door has no rule of its own. */
export function httpStatusOf(kind: ErrorKind): number {
  switch (kind) {
    case 'invalid':
      return 400;
    case 'unauthorized':
      return 401;
    case 'forbidden':
      return 403;
    case 'not_found':
      return 404;
    case 'conflict':
      return 409;
    case 'permanent':
      return 422;
    case 'rate_limited':
      return 429;
    case 'bug':
      return 500;
    case 'transient':
      return 503;
  }
}

/** Level at which the one place that handles an error logs it. */
export function logLevelOf(kind: ErrorKind): 'info' | 'warn' | 'error' {
  switch (kind) {
    case 'invalid':
    case 'not_found':
    case 'conflict':
    case 'rate_limited':
      return 'info';
    case 'unauthorized':
    case 'forbidden':
    case 'transient':
    case 'permanent':
      return 'warn';
    case 'bug':
      return 'error';
  }
}

export type Disposition = 'retry' | 'wait' | 'park';

/**
 * What a consumer does with a message whose handler threw. What is away (`transient`: the database above all) is no fault of the
 * message: it waits, however long that takes. An error that is not ours is tried again: the transport counts attempts and parks the
 * message when they are used up, so it never loops.
 */
export function dispositionOf(error: unknown): Disposition {
  if (!(error instanceof AppError)) return 'retry';
  switch (error.kind) {
    case 'transient':
      return 'wait';
    case 'rate_limited':
      return 'retry';
    case 'invalid':
    case 'not_found':
    case 'conflict':
    case 'unauthorized':
    case 'forbidden':
    case 'permanent':
    case 'bug':
      return 'park';
  }
}
