import {
  BlockedAddressError,
  OutgoingConnectError,
  OutgoingRequestError,
  OutgoingTimeoutError,
  type OutgoingError,
} from '#platform';

/** Our word for a call to the outside that brought no answer. */
export function failureCode(error: OutgoingError, isAborted: boolean): string {
  if (isAborted) return 'aborted';
  if (error instanceof BlockedAddressError) return 'blocked_address';
  if (error instanceof OutgoingRequestError) return 'invalid_request';
  if (error instanceof OutgoingTimeoutError) return 'timeout';
  if (error instanceof OutgoingConnectError) {
    const cause = error.cause as { code?: unknown } | undefined;
    return cause?.code === 'ECONNREFUSED' ? 'connection_refused' : 'connection_failed';
  }
  return 'broken_answer';
}
