import { Injectable } from '@nestjs/common';
import { GuardedHttp, OutgoingError } from '#platform';
import { imageTypeOf, type ImageType } from './image-type.policy.js';

const MAX_BYTES = 5 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** Pictures that are fetched at the same moment: each may hold its bytes in memory. */
const MAX_AT_ONCE = 16;
/** Requests that wait for their turn; a page with more pictures than that shows the rest when it is loaded again. */
const MAX_WAITING = 256;

export type FetchedImage = { kind: 'image'; type: ImageType; bytes: Buffer } | { kind: 'none' | 'busy' };

/** Fetches a picture of a message for whoever reads it, so that its server learns nothing of him. */
@Injectable()
export class FetchImage {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly http: GuardedHttp) {}

  async fetch(url: string): Promise<FetchedImage> {
    if (this.running >= MAX_AT_ONCE) {
      if (this.waiting.length >= MAX_WAITING) return { kind: 'busy' };
      await new Promise<void>((resolve) => this.waiting.push(resolve)); // the place is handed over
    } else this.running += 1;
    try {
      return await this.ask(url);
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private async ask(url: string): Promise<FetchedImage> {
    try {
      const { status, body } = await this.http.request({
        method: 'GET',
        url,
        headers: { accept: 'image/avif,image/webp,image/png,image/jpeg,image/gif' },
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_BYTES,
      });
      const type = status === 200 ? imageTypeOf(body) : null;
      return type ? { kind: 'image', type, bytes: body } : { kind: 'none' };
    } catch (error) {
      if (error instanceof OutgoingError) return { kind: 'none' }; // unreachable, too large, or not to be called
      throw error;
    }
  }
}
