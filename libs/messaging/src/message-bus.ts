/** How the transport stands right now; `detail` names what is wrong, for readiness and for people. */
export interface BusState {
  /** Publishing is possible and every consumer of this process is attached. */
  connected: boolean;
  /** The broker refuses to take messages (memory or disk alarm); consuming goes on. */
  blocked: boolean;
  detail?: string;
}

/**
 * Hands messages to other processes. A publication is a doorbell: the rows it points at are the record, so callers
 * may let a failed one go and rely on the rows being due.
 */
export abstract class MessageBus {
  /** No other process can be reached: who does not hear or answer here does not hear or answer at all. */
  abstract readonly isAlone: boolean;

  /**
   * Resolves once the broker has taken responsibility for the message. A rejection means "not known to be queued":
   * the message may still arrive, so consumers are idempotent.
   * @throws PublishTimeoutError no confirmation within the deadline
   * @throws UnroutableError no such queue; it is being declared again
   * @throws BusUnavailableError not connected, blocked, connection lost meanwhile, or refused by the broker
   * @throws PayloadRefusedError not JSON, or more than 1 MiB
   */
  abstract publish(queue: string, payload: object): Promise<void>;

  /**
   * Asks whoever answers `pattern` and waits for the answer. A request is carried out at most once.
   * @param timeoutMs from now until the answer is here
   * @throws RpcUnavailableError at once when nobody listens or the broker is away
   * @throws RpcTimeoutError no answer in time: the outcome is unknown
   * @throws AppError the other side's error, with its code, kind, message and details
   */
  abstract request<T>(pattern: string, payload: object, timeoutMs: number): Promise<T>;

  /**
   * Tells every process that hears the topic, this one included, at most once and in the order of the calls. Nothing is
   * kept for who is away: what must not be missed is a row that is looked at as well.
   * Resolves once the handler of this process has ended, and the broker has it for the others.
   * @throws BusUnavailableError, PublishTimeoutError: others may not have heard it; the handler of this process has
   * @throws PayloadRefusedError not JSON, or more than 1 MiB
   */
  abstract broadcast(topic: string, payload: object): Promise<void>;

  /**
   * Messages that wait in a queue, without those handlers already hold. Dead-letter queues can be asked too.
   * @throws UnroutableError no such queue
   * @throws BusUnavailableError no answer from the broker
   */
  abstract depth(queue: string): Promise<number>;

  abstract state(): BusState;

  /** Waits for outstanding publications (bounded), then disconnects. Publishing afterwards is refused. */
  abstract close(): Promise<void>;
}
