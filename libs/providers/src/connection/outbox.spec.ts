import { once } from 'node:events';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Outbox } from './outbox.js';

/** A connection whose writes end when the test says so. */
class HeldSocket extends Socket {
  readonly writes: Buffer[] = [];
  private end_: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk);
    this.end_ = done;
  }

  release(): void {
    this.end_?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('outbox', () => {
  it('writes in one piece what one turn of the event loop brings', async () => {
    const socket = new HeldSocket();
    const outbox = new Outbox(socket, () => undefined);
    outbox.put(Buffer.from('a'));
    outbox.put(Buffer.from('b'));
    await turn();
    outbox.put(Buffer.from('c'));
    await turn();
    socket.release();
    await turn();
    expect(socket.writes.map(String)).toEqual(['ab', 'c']);
  });

  it('has no room while the connection cannot keep up, and says when it can again', async () => {
    const socket = new HeldSocket();
    let drains = 0;
    const outbox = new Outbox(socket, () => drains++);
    outbox.put(Buffer.alloc(100_000));
    await turn();
    expect(outbox.hasRoom).toBe(false);
    const drained = once(socket, 'drain');
    socket.release();
    await drained;
    expect(outbox.hasRoom).toBe(true);
    expect(drains).toBe(1);
  });

  it('gives up a peer that does not read', async () => {
    const socket = new HeldSocket();
    const failed = once(socket, 'error');
    const outbox = new Outbox(socket, () => undefined);
    for (let i = 0; i < 11; i++) outbox.put(Buffer.alloc(100_000));
    await expect(failed).resolves.toMatchObject([{ code: 'ETIMEDOUT' }]);
  });
});
