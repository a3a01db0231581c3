import { AppError } from '#contracts';

/** One thing wrong with a request. `field` is a path such as `to.users[3].userId`; empty when the whole is meant. */
export interface FieldProblem {
  field: string;
  detail: string;
}

/** The request cannot be understood or breaks a rule; every problem is named. */
export class InvalidRequestError extends AppError {
  constructor(readonly errors: readonly FieldProblem[]) {
    super('invalid_request', 'invalid', errors[0]?.detail ?? 'The request is not valid.');
  }
}

export const invalidField = (field: string, detail: string): InvalidRequestError =>
  new InvalidRequestError([{ field, detail }]);

/** Also the answer for what belongs to somebody else: nobody learns that it exists. */
export class NotFoundError extends AppError {
  /** @param what e.g. `client app` */
  constructor(what: string) {
    super('not_found', 'not_found', `There is no such ${what}.`);
  }
}

export class ConflictError extends AppError {
  constructor(detail: string) {
    super('conflict', 'conflict', detail);
  }
}

export class UnauthorizedError extends AppError {
  constructor() {
    super('unauthorized', 'unauthorized', 'A valid bearer token is needed.');
  }
}

export class ForbiddenError extends AppError {
  constructor(detail: string) {
    super('forbidden', 'forbidden', detail);
  }
}

/** `details.retryAfterMs` becomes the header Retry-After. */
export class RateLimitedError extends AppError {
  constructor(retryAfterMs: number) {
    super('rate_limited', 'rate_limited', 'Too many requests: wait before the next one.', { retryAfterMs });
  }
}
