import { performance } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RateWindowRepository } from '#entities';
import type { AccountTerms } from './accounts.service.js';

/** Asks for more than a block wait this much longer. */
const LARGE_ASK_LATER_MS = 20;
/** Taken at once for several calls, as a part of what the account may in a second: no row update per message. */
const BLOCK_RATIO = 0.1;
/** The most one batch gets of a second: in a batch of several apps one's single message goes first, if the batch has its turn. */
const SHARE_RATIO = 0.25;

interface Block {
  left: number;
  endsAt: number;
}

/** Keeps an account within its deliveries per second, over all replicas together. */
@Injectable()
export class Pacing implements OnModuleDestroy {
  private readonly stop = new AbortController();
  private readonly blocks = new Map<string, Block>();

  constructor(private readonly windows: RateWindowRepository) {}

  onModuleDestroy(): void {
    this.stop.abort();
  }

  /** This process is ending: nothing waits any more. */
  get isEnding(): boolean {
    return this.stop.signal.aborted;
  }

  /**
   * Waits until the account may take at least one more delivery; answers how many of `wanted`. 0: none until the deadline,
   * or this process is ending; what was not sent goes back. The caller's lease is renewed meanwhile.
   * @param deadline on the clock of `performance.now()`
   */
  async take(account: AccountTerms, wanted: number, deadline = Number.POSITIVE_INFINITY): Promise<number> {
    if (account.perSecond === null) return wanted;
    const share = Math.min(wanted, Math.ceil(account.perSecond * SHARE_RATIO));
    while (!this.isEnding) {
      const { granted, endsInMs } = await this.takeNow(account.id, account.perSecond, share);
      if (granted > 0) return granted;
      if (performance.now() + endsInMs > deadline) return 0;
      // A small ask wakes first in the next second: a batch that takes all of it must not keep single messages out for good.
      await this.pause(endsInMs + (wanted > account.perSecond * BLOCK_RATIO ? LARGE_ASK_LATER_MS : 0));
    }
    return 0;
  }

  private async takeNow(id: string, perSecond: number, wanted: number): Promise<{ granted: number; endsInMs: number }> {
    const kept = this.blocks.get(id);
    if (kept && kept.left > 0 && performance.now() < kept.endsAt) {
      const granted = Math.min(wanted, kept.left);
      kept.left -= granted;
      return { granted, endsInMs: 0 };
    }
    const block = Math.min(perSecond, Math.max(wanted, Math.floor(perSecond * BLOCK_RATIO)));
    const askedAt = performance.now();
    const { granted, endsInMs } = await this.windows.lease(`account:${id}`, perSecond, 1, block);
    const used = Math.min(wanted, granted);
    this.blocks.set(id, { left: granted - used, endsAt: askedAt + endsInMs });
    return { granted: used, endsInMs };
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.stop.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.stop.signal.addEventListener('abort', end);
    });
  }
}
