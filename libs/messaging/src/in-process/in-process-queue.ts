import type { Consumer } from '../transport.js';
import type { Tries } from '../verdict.js';

/** A message as it lies in a queue: bytes, so that sender and handler never share an object. */
export interface Letter {
  content: Buffer;
  tries: Tries;
}

/** A bounded FIFO with at most one handler. Senders wait for room in the order they came. */
export class InProcessQueue {
  consumer?: Consumer;
  running = 0;
  private letters: Letter[] = [];
  private senders: (() => void)[] = [];

  constructor(readonly bound: number) {}

  get length(): number {
    return this.letters.length;
  }

  get isFull(): boolean {
    return this.letters.length >= this.bound;
  }

  push(letter: Letter): void {
    this.letters.push(letter);
  }

  /** Takes the oldest letter and lets the next sender in. */
  shift(): Letter | undefined {
    const letter = this.letters.shift();
    if (letter && !this.isFull) this.senders.shift()?.();
    return letter;
  }

  /** Resolves true when there may be room (look again), false when none came in time. */
  waitForRoom(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const enter = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.senders = this.senders.filter((sender) => sender !== enter);
        resolve(false);
      }, ms);
      this.senders.push(enter);
    });
  }
}
