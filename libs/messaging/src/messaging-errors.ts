import { AppError } from '#contracts';

/** No confirmation within the deadline; the broker may or may not have the message. */
export class PublishTimeoutError extends AppError {
  constructor(queue: string, deadlineMs: number) {
    super('PUBLISH_TIMEOUT', 'transient', 'The broker did not confirm in time.', { queue, deadlineMs });
  }
}

/** The broker has no such queue. It confirms such messages all the same, so only the return tells. */
export class UnroutableError extends AppError {
  constructor(queue: string) {
    super('UNROUTABLE', 'transient', 'No queue takes this message; check the topology.', { queue });
  }
}

/** The broker cannot be reached, is blocked by an alarm, or refused the message. */
export class BusUnavailableError extends AppError {
  constructor(detail: string, options?: { cause?: unknown }) {
    super('BUS_UNAVAILABLE', 'transient', 'The message broker is not available.', { detail }, options);
  }
}

/** The payload cannot travel: not JSON or too large. Large contents belong in the database, their id in the message. */
export class PayloadRefusedError extends AppError {
  constructor(detail: string, options?: { cause?: unknown }) {
    super('PAYLOAD_REFUSED', 'invalid', 'This payload cannot be sent as a message.', { detail }, options);
  }
}

/** The request was sent and no answer came in time: its outcome is unknown. */
export class RpcTimeoutError extends AppError {
  constructor(pattern: string, timeoutMs: number) {
    super('RPC_TIMEOUT', 'transient', 'No answer came in time.', { pattern, timeoutMs });
  }
}

/** Nobody answers this pattern at the moment; the request was not carried out. */
export class RpcUnavailableError extends AppError {
  constructor(pattern: string, options?: { cause?: unknown }) {
    super('RPC_UNAVAILABLE', 'transient', 'Nobody answers this request at the moment.', { pattern }, options);
  }
}

/** More items wait than may wait; the caller should come back later. */
export class OverloadedError extends AppError {
  constructor(waiting: number) {
    super('OVERLOADED', 'transient', 'Too much is waiting already; try again shortly.', { waiting });
  }
}
