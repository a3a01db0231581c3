import type { Push, PushView } from '../protocol/client-protocol.port.js';

/** Between two tries of a message, and how often it is tried again. */
const AGAIN_AFTER_MS = 60_000;
const MAX_TRIES_AGAIN = 5;
/** Messages of one connection that are remembered: whoever is further behind reads them from the log. */
const MAX_REMEMBERED = 256;

interface Waiting {
  push: Push;
  view: PushView;
  triedAgain: number;
  dueAtMs: number;
}

/** Messages that a client got and has not acknowledged yet. The due ones stand first. */
export class Unacknowledged {
  private readonly waiting = new Map<string, Waiting>();

  get size(): number {
    return this.waiting.size;
  }

  add(push: Push, view: PushView, nowMs: number): void {
    this.waiting.set(push.messageId, { push, view, triedAgain: 0, dueAtMs: nowMs + AGAIN_AFTER_MS });
    if (this.waiting.size <= MAX_REMEMBERED) return;
    const oldest = this.waiting.keys().next();
    if (!oldest.done) this.waiting.delete(oldest.value);
  }

  acknowledge(messageId: string): void {
    this.waiting.delete(messageId);
  }

  /**
   * Takes what is to be tried again now; what has been tried often enough is given up, and what has expired is forgotten.
   * @param nowMs by the monotonic clock @param epochMs by the clock that messages are stamped with
   */
  due(nowMs: number, epochMs: number): { push: Push; view: PushView }[] {
    const due: Waiting[] = [];
    for (const [messageId, waiting] of this.waiting) {
      if (waiting.dueAtMs > nowMs) break;
      this.waiting.delete(messageId);
      if (!isExpired(waiting.push, epochMs)) due.push(waiting);
    }
    for (const { push, view, triedAgain } of due) {
      if (triedAgain + 1 >= MAX_TRIES_AGAIN) continue;
      this.waiting.set(push.messageId, { push, view, triedAgain: triedAgain + 1, dueAtMs: nowMs + AGAIN_AFTER_MS });
    }
    return due.map(({ push, view }) => ({ push, view: { ...view, dup: true } }));
  }
}

const isExpired = ({ timestamp, expire }: Push, epochMs: number): boolean =>
  expire > 0 && (timestamp + expire) * 1000 <= epochMs;
