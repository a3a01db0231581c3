import { THROTTLE_PAUSE_MS } from '../smpp.outcomes.js';
import { STATUS, type BindRequest, type Pdu, type ShortMessage } from '../wire/pdu.js';

/** The other side's answer, or that there is none and whether the request had been handed to the connection. */
export type Answer =
  { isAnswered: true; status: number; messageId: string } | { isAnswered: false; isWritten: boolean; code: string };

interface Request {
  /** Its sequence number is 0 until it is written. */
  pdu: Pdu;
  deadlineAt: number;
  /** Absent once the asker has been told. */
  settle?: (answer: Answer) => void;
}

const MAX_SEQUENCE = 0x7fffffff;

export interface RequestsOptions {
  /** Submits that may be without an answer at the same time. */
  window: number;
  responseTimeoutMs: number;
}

/** Everything this side asks over one connection: numbers, the window of submits, deadlines, answers. */
export class Requests {
  /** By sequence number, oldest first. */
  private readonly inFlight = new Map<number, Request>();
  private waiting: Request[] = [];
  private submitsInFlight = 0;
  private lastSequence = 0;
  private throttledUntil = 0;
  private timer: NodeJS.Timeout | undefined;
  /** Why no submit is taken any more. */
  private refusal: string | undefined;
  private isOver = false;

  /** @param hasRoom false while the connection cannot keep up: submits wait */
  constructor(
    private readonly options: RequestsOptions,
    private readonly hasRoom: () => boolean,
    private readonly put: (pdu: Pdu) => void,
  ) {}

  /** A request that waits for nothing (bind, enquire_link, unbind). */
  ask(body: ({ command: 'bind_transceiver' } & BindRequest) | { command: 'enquire_link' | 'unbind' }): Promise<Answer> {
    return new Promise((settle) => {
      const request: Request = { pdu: { ...body, status: 0, sequence: 0 }, deadlineAt: 0, settle };
      if (this.isOver) settle({ isAnswered: false, isWritten: false, code: 'connection_closed' });
      else this.write(request);
    });
  }

  /** A submit, as soon as the window has a place for it. An abort ends the wait, but keeps the place until the answer. */
  submit(message: ShortMessage, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve) => {
      if (this.refusal !== undefined) return resolve({ isAnswered: false, isWritten: false, code: this.refusal });
      if (signal.aborted) return resolve({ isAnswered: false, isWritten: false, code: wordOf(signal) });
      const abort = (): void => {
        settle(request, { isAnswered: false, isWritten: request.pdu.sequence !== 0, code: wordOf(signal) });
      };
      const request: Request = {
        pdu: { command: 'submit_sm', status: 0, sequence: 0, ...message },
        deadlineAt: 0,
        settle: (answer) => {
          signal.removeEventListener('abort', abort);
          resolve(answer);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.push(request);
      this.pump();
    });
  }

  /** Writes what the window has room for. While the other side wants less, what waits gets its word without being written. */
  pump(): void {
    const isThrottled = performance.now() < this.throttledUntil;
    while (this.waiting.length > 0) {
      if (!isThrottled && (this.submitsInFlight >= this.options.window || !this.hasRoom())) return;
      const request = this.waiting.shift();
      if (!request?.settle) continue;
      if (isThrottled) settle(request, { isAnswered: true, status: STATUS.throttled, messageId: '' });
      else this.write(request);
    }
  }

  /** @param pdu an answer; one that nobody waits for changes nothing */
  answer(pdu: Pdu): void {
    const request = this.inFlight.get(pdu.sequence);
    if (!request || !isAnswerTo(request.pdu.command, pdu)) return;
    this.leave(request);
    // A refusal without a reason is still a refusal.
    const status = pdu.command === 'generic_nack' && pdu.status === STATUS.ok ? STATUS.unknownError : pdu.status;
    settle(request, { isAnswered: true, status, messageId: 'messageId' in pdu ? pdu.messageId : '' });
    if (status === STATUS.throttled) this.throttledUntil = performance.now() + THROTTLE_PAUSE_MS;
    this.pump();
  }

  /** No submit is written any more; what is in flight may still be answered. */
  refuse(code: string): void {
    this.refusal ??= code;
    for (const request of this.waiting.splice(0)) settle(request, { isAnswered: false, isWritten: false, code });
  }

  /** The connection is gone. */
  end(code: string): void {
    this.refuse(code);
    this.isOver = true;
    clearTimeout(this.timer);
    const lost = [...this.inFlight.values()];
    this.inFlight.clear();
    for (const request of lost) settle(request, { isAnswered: false, isWritten: true, code });
  }

  private write(request: Request): void {
    const { pdu } = request;
    this.lastSequence = this.lastSequence === MAX_SEQUENCE ? 1 : this.lastSequence + 1;
    pdu.sequence = this.lastSequence;
    request.deadlineAt = performance.now() + this.options.responseTimeoutMs;
    this.inFlight.set(pdu.sequence, request);
    if (pdu.command === 'submit_sm') this.submitsInFlight++;
    this.put(pdu);
    this.timer ??= setTimeout(() => this.expire(), this.options.responseTimeoutMs);
  }

  private leave({ pdu }: Request): void {
    this.inFlight.delete(pdu.sequence);
    if (pdu.command === 'submit_sm') this.submitsInFlight--;
  }

  /** All have the same patience, so the oldest are the first to be late. */
  private expire(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const request of this.inFlight.values()) {
      if (request.deadlineAt > now) {
        this.timer = setTimeout(() => this.expire(), Math.ceil(request.deadlineAt - now));
        break;
      }
      this.leave(request);
      settle(request, { isAnswered: false, isWritten: true, code: 'timeout' });
    }
    this.pump();
  }
}

function settle(request: Request, answer: Answer): void {
  const tell = request.settle;
  delete request.settle;
  tell?.(answer);
}

const isAnswerTo = (command: Pdu['command'], answer: Pdu): boolean =>
  answer.command === 'generic_nack' || answer.command === `${command}_resp`;

/** A deadline aborts with a TimeoutError. */
const wordOf = (signal: AbortSignal): string =>
  (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError' ? 'timeout' : 'aborted';
