import { Injectable } from '@nestjs/common';
import { SignedCallRepository, type SignedCallOnce } from '#entities';
import { Batcher } from '#messaging';
import { PspConfig } from '#platform';
import { WINDOW_MS, type SignedCall } from './psp.signature.js';

/** Calls of one statement. */
const CALLS_AT_A_TIME = 200;
/** A time stamp may lie ahead by the window, and counts for as long again. */
const KEEP_S = Math.ceil((2 * WINDOW_MS) / 1000) + 60;

/** With `PSP_REPLAY=once` a signed header triple opens one call, over all replicas together. */
@Injectable()
export class CallOnce {
  private readonly together = new Batcher<SignedCallOnce, boolean>({
    maxBatch: CALLS_AT_A_TIME,
    flush: async (calls) => (await this.seen.firstOf(calls, KEEP_S)).map((value) => ({ value })),
  });

  constructor(
    private readonly seen: SignedCallRepository,
    private readonly config: PspConfig,
  ) {}

  /** True: let it in. @param call its signature is right */
  async isFirst(appId: string, { timestamp, token }: SignedCall): Promise<boolean> {
    if (this.config.PSP_REPLAY === 'off') return true;
    return this.together.add({ appId, signedMs: Number(timestamp), token });
  }
}
