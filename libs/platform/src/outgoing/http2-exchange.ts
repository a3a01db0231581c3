import { constants, type ClientHttp2Stream, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import {
  OutgoingAnswerError,
  OutgoingConnectError,
  OutgoingTimeoutError,
  type OutgoingError,
} from './outgoing-errors.js';
import type { OutgoingRequest, OutgoingResponse } from './outgoing-request.js';

const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024;

/** One request on an HTTP/2 connection and its answer under one deadline. */
export class Http2Exchange {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private status: number | undefined;
  private headers: Record<string, string> = {};

  constructor(
    private readonly stream: ClientHttp2Stream,
    private readonly request: OutgoingRequest,
  ) {}

  async run(): Promise<OutgoingResponse> {
    const { timeoutMs, signal } = this.request;
    let expire: () => void = () => undefined;
    const timer = setTimeout(() => expire(), timeoutMs);
    try {
      return await new Promise<OutgoingResponse>((resolve, reject) => {
        const fail = (error: OutgoingError): void => {
          reject(error);
          this.stream.close(constants.NGHTTP2_CANCEL);
        };
        expire = () => fail(new OutgoingTimeoutError(true, timeoutMs));
        signal?.addEventListener('abort', expire);
        if (signal?.aborted) expire();
        this.listen(resolve, fail);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', expire);
    }
  }

  private listen(resolve: (response: OutgoingResponse) => void, fail: (error: OutgoingError) => void): void {
    const { stream } = this;
    const maxBytes = this.request.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
    let broken: unknown;
    stream.on('response', (headers) => this.takeHead(headers));
    stream.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.bytes <= maxBytes) this.chunks.push(chunk);
      else fail(new OutgoingAnswerError(`The answer is longer than ${maxBytes} bytes.`, this.status));
    });
    stream.on('end', () => {
      // An aborted stream ends, too, before it closes with its reason.
      if (this.status !== undefined && !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR)
        resolve({ status: this.status, headers: this.headers, body: Buffer.concat(this.chunks) });
    });
    stream.on('error', (error) => (broken = error));
    stream.on('close', () => {
      if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) fail(new OutgoingConnectError(broken));
      else fail(new OutgoingAnswerError('The connection broke before the answer was complete.', this.status, broken));
    });
  }

  private takeHead(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.status = headers[':status'];
    this.headers = Object.fromEntries(
      Object.entries(headers)
        .filter(([name, value]) => !name.startsWith(':') && value !== undefined)
        .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
    );
  }
}
