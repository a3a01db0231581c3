import type { IncomingMessage } from 'node:http';
import { AppError } from '#contracts';
import { BodyError, RawBody } from './raw-body.js';

/**
 * Reads bodies as they come, before anybody is asked who he is: so each has its limit, and so have all that are coming in at the
 * same time.
 */
export class BodyReader {
  private bytesInFlight = 0;

  constructor(private readonly maxBytesInFlight: number) {}

  read(payload: IncomingMessage, limitBytes: number, done: (error: Error | null, body?: RawBody) => void): void {
    const chunks: Buffer[] = [];
    let size = 0;
    let kept = 0;
    let refusal: AppError | undefined;
    const letGo = (): void => {
      this.bytesInFlight -= kept;
      kept = 0;
    };
    payload.on('data', (chunk: Buffer) => {
      size += chunk.length;
      refusal ??= this.refusalOf(chunk, size, limitBytes);
      // The rest is read and dropped: a caller in the middle of sending would not see an answer on a cut connection.
      if (refusal) {
        chunks.length = 0;
        return letGo();
      }
      chunks.push(chunk);
      kept += chunk.length;
      this.bytesInFlight += chunk.length;
    });
    payload.once('end', () => {
      letGo();
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      done(null, new RawBody(bytes, refusal));
    });
    payload.once('error', (error) => done(error));
    payload.once('close', letGo);
  }

  private refusalOf(chunk: Buffer, size: number, limitBytes: number): AppError | undefined {
    if (size > limitBytes) {
      return new BodyError('too_large', `The body is larger than the ${limitBytes} bytes that this call takes.`);
    }
    if (this.bytesInFlight + chunk.length > this.maxBytesInFlight) {
      return new AppError('bodies_in_flight', 'transient', 'Too many large bodies are coming in; try again shortly.');
    }
    return undefined;
  }
}
