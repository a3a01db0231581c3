import { AppError, type ErrorKind } from '#contracts';

/** Why a call to the outside did not end with an answer. */
export abstract class OutgoingError extends AppError {
  /** True as soon as the request may have reached the other side: sending it again may do the same thing twice. */
  abstract readonly requestWritten: boolean;

  protected constructor(
    code: string,
    kind: ErrorKind,
    message: string,
    details: Record<string, unknown>,
    cause?: unknown,
  ) {
    super(code, kind, message, details, cause === undefined ? undefined : { cause });
  }
}

/** The target is none that may be called: not public, a forbidden port, credentials in the URL, not http(s). */
export class BlockedAddressError extends OutgoingError {
  readonly requestWritten = false;

  /** @param reason short and constant, e.g. `the address is not public`; goes to operators, never to the caller's recipient */
  constructor(readonly reason: string) {
    super('BLOCKED_ADDRESS', 'permanent', `This URL may not be called: ${reason}.`, { reason });
  }
}

/** The request itself cannot be put on the wire, e.g. a line break in a header. Nothing was written. */
export class OutgoingRequestError extends OutgoingError {
  readonly requestWritten = false;

  constructor(cause: unknown) {
    super('OUTGOING_REQUEST', 'invalid', 'The request holds something that HTTP cannot carry.', {}, cause);
  }
}

/** The exchange as a whole took longer than its deadline. */
export class OutgoingTimeoutError extends OutgoingError {
  constructor(
    readonly requestWritten: boolean,
    timeoutMs: number,
  ) {
    super('OUTGOING_TIMEOUT', 'transient', 'The other side did not answer in time.', { requestWritten, timeoutMs });
  }
}

/** No connection: name not resolved, refused, TLS not trusted. Nothing was written. */
export class OutgoingConnectError extends OutgoingError {
  readonly requestWritten = false;

  constructor(cause: unknown) {
    super('OUTGOING_CONNECT', 'transient', 'The other side could not be reached.', {}, cause);
  }
}

/** The connection was there but no usable answer came: reset, not HTTP, too large. `status` where a head had arrived. */
export class OutgoingAnswerError extends OutgoingError {
  readonly requestWritten = true;

  constructor(
    message: string,
    readonly status?: number,
    cause?: unknown,
  ) {
    super('OUTGOING_ANSWER', 'transient', message, status === undefined ? {} : { status }, cause);
  }
}
