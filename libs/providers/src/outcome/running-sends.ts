import { setMaxListeners } from 'node:events';
import type { Outcome } from '../port/channel-provider.port.js';

/** What an adapter answers once it is closed: nothing was written, the successor will send it. */
const CLOSED: Outcome = { class: 'retry', code: 'provider_closed' };

/** Keeps an adapter open until its running sends have ended. */
export class RunningSends {
  private readonly running = new Set<Promise<Outcome[]>>();
  private isClosed = false;

  /** `send` gets a signal that fires with the caller's and may be listened to by every delivery of the batch. */
  run(
    batch: readonly unknown[],
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    if (this.isClosed) return Promise.resolve(batch.map(() => CLOSED));
    const scope = new AbortController();
    setMaxListeners(0, scope.signal);
    const abort = (): void => scope.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    const sending = send(scope.signal).finally(() => {
      signal.removeEventListener('abort', abort);
      this.running.delete(sending);
    });
    this.running.add(sending);
    return sending;
  }

  /** No send starts any more; resolves when those under way have ended. */
  async end(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.running);
  }
}
