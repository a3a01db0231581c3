import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { WebSocket } from 'ws';
import { ClientConnection, WS_CLOSE } from './client-connection.js';
import { TokenBucket } from './token-bucket.js';

let said: (string | number)[];
let connection: ClientConnection;

beforeEach(() => {
  jest.useFakeTimers();
  said = [];
  const socket = {
    ...{ OPEN: 1, readyState: 1, isPaused: false, bufferedAmount: 0 },
    send: (frame: string) => said.push(frame),
    close: (code: number) => said.push(code),
    terminate: () => said.push('cut'),
  };
  connection = new ClientConnection(socket as unknown as WebSocket, new TokenBucket(1, 0), 0, () => undefined);
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a client that was told to go', () => {
  beforeEach(() => {
    connection.write('go');
    connection.closeAfter(WS_CLOSE.normal, 2_000);
  });

  it('is closed after a while, and gets nothing until then', () => {
    expect([connection.isOpen, connection.isLingering]).toEqual([false, true]);
    connection.write('more');
    jest.advanceTimersByTime(1_999);
    expect(said).toEqual(['go']);
    jest.advanceTimersByTime(1);
    expect([said, connection.isLingering]).toEqual([['go', 1000], false]);
  });

  it('is closed at once where this process ends, and no second time', () => {
    connection.close(WS_CLOSE.goingAway);
    connection.close(WS_CLOSE.goingAway);
    jest.runAllTimers();
    expect(said).toEqual(['go', 1001]);
  });

  it('is cut off at once where it has to be', () => {
    connection.cut();
    jest.runAllTimers();
    expect(said).toEqual(['go', 'cut']);
  });

  it('keeps no process alive', () => {
    jest.useRealTimers();
    const socket = { isPaused: false, terminate: () => undefined } as WebSocket;
    const real = new ClientConnection(socket, new TokenBucket(1, 0), 0, () => undefined);
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    real.closeAfter(WS_CLOSE.normal, 60_000);
    expect(timers()).toBe(before);
    real.cut();
  });
});
