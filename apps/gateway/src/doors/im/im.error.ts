/** A call that is refused with HTTP 400 and this text. */
export class ImError extends Error {
  /** @param isDecoding the body could not be read: the published interface answers that as `text/plain` */
  constructor(
    message: string,
    readonly isDecoding = false,
  ) {
    super(message);
  }
}

/** A call that is not let in: an empty answer. */
export class ImAccessError extends Error {
  constructor(readonly status: 401 | 403) {
    super('not let in');
  }
}

/** More calls than a client app may make. */
export class ImRateError extends Error {
  constructor(readonly waitMs: number) {
    super('too frequent');
  }
}
