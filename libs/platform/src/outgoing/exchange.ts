import type { IncomingHttpHeaders } from 'node:http';
import { errors, type Dispatcher } from 'undici';
import {
  OutgoingAnswerError,
  OutgoingConnectError,
  OutgoingError,
  OutgoingRequestError,
  OutgoingTimeoutError,
} from './outgoing-errors.js';
import type { OutgoingResponse } from './outgoing-request.js';

/** One request and its answer under one deadline. Settles once, whatever order the events of the client come in. */
export class Exchange implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private status: number | undefined;
  private headers: Record<string, string> = {};
  private controller: Dispatcher.DispatchController | null = null;
  private failure: OutgoingError | null = null;
  private resolve: (response: OutgoingResponse) => void = () => undefined;
  private reject: (error: OutgoingError) => void = () => undefined;

  constructor(
    private readonly timeoutMs: number,
    private readonly maxBytes: number,
    private readonly signal?: AbortSignal,
  ) {}

  async run(dispatch: (handler: Dispatcher.DispatchHandler) => void): Promise<OutgoingResponse> {
    const expire = (): void => this.fail(new OutgoingTimeoutError(this.controller !== null, this.timeoutMs));
    const timer = setTimeout(expire, this.timeoutMs);
    this.signal?.addEventListener('abort', expire);
    try {
      return await new Promise<OutgoingResponse>((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
        if (this.signal?.aborted) expire();
        else dispatch(this);
      });
    } finally {
      clearTimeout(timer);
      this.signal?.removeEventListener('abort', expire);
    }
  }

  /** The request is about to be written to a connected socket. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.failure) controller.abort(this.failure);
    else this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return; // an interim answer; the real one follows
    this.status = status;
    this.headers = flatten(headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes <= this.maxBytes) this.chunks.push(chunk);
    else this.fail(new OutgoingAnswerError(`The answer is longer than ${this.maxBytes} bytes.`, this.status));
  }

  onResponseEnd(): void {
    if (this.status !== undefined) {
      this.resolve({ status: this.status, headers: this.headers, body: Buffer.concat(this.chunks) });
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (error instanceof OutgoingError) this.fail(error);
    else if (error instanceof errors.InvalidArgumentError) this.fail(new OutgoingRequestError(error));
    else if (this.controller === null) this.fail(new OutgoingConnectError(error));
    else this.fail(new OutgoingAnswerError('The connection broke before the answer was complete.', this.status, error));
  }

  private fail(error: OutgoingError): void {
    if (this.failure) return;
    this.failure = error;
    this.reject(error);
    this.controller?.abort(error);
  }
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
