import { setTimeout as sleep } from 'node:timers/promises';
import type { TransportOptions } from '../transport.js';

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
/** What stayed open this long was healthy: the next pause starts small again. */
const HEALTHY_MS = 10_000;

export interface Opened {
  /** Why the channel closed, once it does; null when it was closed on purpose, to be opened again at once. */
  closed: Promise<string | null>;
}

export interface KeepOpenOptions extends Pick<TransportOptions, 'logger' | 'jitterMs'> {
  /** What it is, for the log. */
  name: string;
  signal: AbortSignal;
  /** False once the connection under the channel is gone: the next connection starts anew. */
  isWanted(): boolean;
  /** Opens and sets up. */
  open(): Promise<Opened>;
}

/**
 * Opens a channel again whenever it closes, with growing jittered pauses, for as long as its connection lives: no
 * channel stays dead after a channel error (fact 9). Resolves when the first attempt has succeeded or failed.
 */
export function keepOpen(options: KeepOpenOptions): Promise<void> {
  return new Promise((attempted) => void run(options, attempted));
}

async function run({ name, signal, isWanted, open, logger, jitterMs }: KeepOpenOptions, attempted: () => void) {
  for (let failures = 0; isWanted() && !signal.aborted;) {
    const startedAt = performance.now();
    let detail: string | null;
    try {
      const { closed } = await open();
      attempted();
      detail = await closed;
    } catch (error) {
      detail = error instanceof Error ? error.message : String(error);
    }
    if (!isWanted() || signal.aborted) break;
    if (detail === null) continue;
    failures = performance.now() - startedAt > HEALTHY_MS ? 0 : failures + 1;
    const pauseMs = jitterMs(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 10), MAX_PAUSE_MS), 0.5);
    logger.warn({ channel: name, detail, pauseMs }, 'channel closed, it will be opened again');
    attempted();
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  attempted();
}
