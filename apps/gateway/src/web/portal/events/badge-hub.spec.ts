import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { InboxBadge, InboxRepository } from '#entities';
import { AppLogger } from '#platform';
import { BadgeHub } from './badge-hub.service.js';
import { EventStream } from './event-stream.js';

/** What a stream would write, and the client's going away. */
class RecordedStream extends EventStream {
  readonly events: object[] = [];
  beats = 0;
  isEnded = false;
  leave: () => void = () => undefined;

  constructor() {
    super({} as ServerResponse);
  }

  override send(_event: string, data: object): void {
    this.events.push(data);
  }

  override beat(): void {
    this.beats += 1;
  }

  override end(): void {
    this.isEnded = true;
    this.leave();
  }

  override onClose(listener: () => void): void {
    this.leave = listener;
  }
}

const asked: string[][] = [];
const badges = new Map<string, InboxBadge>();
let failure: Error | null = null;
const inbox = {
  countsOf: (userIds: string[]) => {
    asked.push(userIds);
    if (failure) return Promise.reject(failure);
    return Promise.resolve(
      new Map(userIds.map((id) => [id, badges.get(id) ?? { unread: 0, open: 0, newestId: null }])),
    );
  },
} as unknown as InboxRepository;

let hub: BadgeHub;
beforeEach(() => {
  jest.useFakeTimers();
  asked.length = 0;
  badges.clear();
  failure = null;
  hub = new BadgeHub(inbox, new AppLogger({ level: 'silent' }));
});
afterEach(async () => {
  await hub.beforeApplicationShutdown();
  jest.useRealTimers();
});

const pass = (ms = 0): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const joined = (userId: string): RecordedStream => {
  const stream = new RecordedStream();
  hub.join(userId, stream);
  return stream;
};

describe('BadgeHub', () => {
  it('asks nothing while nobody is connected', async () => {
    const stream = joined('li');
    await pass(4000);
    stream.leave();
    asked.length = 0;
    await pass(60_000);
    hub.look('li');
    await pass();
    expect(asked).toEqual([]);
  });

  it('asks for a thousand people in two statements, each once however many pages they have', async () => {
    for (let i = 0; i < 1000; i++) joined(`user-${i}`);
    joined('user-1');
    await pass();
    asked.length = 0;
    await pass(2000);
    expect(asked.map((ids) => ids.length)).toEqual([500, 500]);
    expect(new Set(asked.flat()).size).toBe(1000);
  });

  it('tells each page once how things stand, and again only when that changes', async () => {
    const stream = joined('li');
    await pass(10_000);
    expect(stream.events).toEqual([{ unread: 0, open: 0, newest: null }]);
    badges.set('li', { unread: 1, open: 0, newestId: 'x' });
    hub.look('li');
    await pass();
    expect(stream.events).toHaveLength(2);
    const late = joined('li');
    await pass();
    expect([stream.events.length, late.events]).toEqual([2, [{ unread: 1, open: 0, newest: 'x' }]]);
  });

  it('goes on when the database comes back', async () => {
    failure = new Error('gone');
    const stream = joined('li');
    await pass(6000);
    expect(stream.events).toEqual([]);
    failure = null;
    await pass(2000);
    expect(stream.events).toHaveLength(1);
  });

  it('keeps connections alive, and lets browsers come back after ten minutes', async () => {
    const stream = joined('li');
    await pass(60_000);
    expect([stream.beats, stream.isEnded]).toEqual([3, false]);
    await pass(10 * 60_000);
    expect(stream.isEnded).toBe(true);
  });
});

describe('EventStream', () => {
  it('drops a reader who does not read, instead of keeping everything for him', async () => {
    jest.useRealTimers();
    const left = new Promise<number>((resolve) => {
      const server = createServer((_request, response) => {
        const stream = new EventStream(response);
        stream.open({});
        let sent = 0;
        stream.onClose(() => {
          clearInterval(timer);
          server.close();
          resolve(sent);
        });
        const timer = setInterval(() => {
          for (let i = 0; i < 100; i++, sent++) stream.send('counts', { filler: 'x'.repeat(10_000) }, null);
        });
      });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        request({ port, host: '127.0.0.1', agent: false }, (response: IncomingMessage) => response.pause())
          .on('error', () => undefined)
          .end();
      });
    });
    expect(await left).toBeGreaterThan(0);
  });
});
