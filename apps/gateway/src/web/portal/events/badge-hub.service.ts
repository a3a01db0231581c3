import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { InboxRepository, type InboxBadge } from '#entities';
import { AppLogger, WakeLoop } from '#platform';
import type { EventStream } from './event-stream.js';

const LOOK_EVERY_MS = 2000;
const BEAT_EVERY_MS = 20_000;
/** A browser comes back by itself, perhaps to another replica, and is asked again who it is. */
const LIFETIME_MS = 10 * 60_000;
/** People one statement asks for. */
const CHUNK = 500;
const MAX_STREAMS_PER_PERSON = 8;
const MAX_STREAMS = 10_000;

interface Person {
  /** With what each has been told. */
  streams: Map<EventStream, string | null>;
}

/**
 * Tells every open page of a person how many messages are unread and to do. One statement asks for everybody who is
 * connected to this process; nobody connected, nothing asked.
 */
@Injectable()
export class BadgeHub implements BeforeApplicationShutdown {
  private readonly people = new Map<string, Person>();
  /** Whom to ask for in the next pass. One pass at a time, so that an older answer never follows a newer one. */
  private readonly wanted = new Set<string>();
  private readonly loop: WakeLoop;
  private timers: NodeJS.Timeout[] = [];
  private streams = 0;
  private isClosing = false;

  constructor(
    private readonly inbox: InboxRepository,
    log: AppLogger,
  ) {
    this.loop = new WakeLoop({
      pass: () => this.pass(),
      onError: (err) => log.warn({ err }, 'portal counts not read'),
    });
  }

  /** Whether another page of the person may connect. */
  hasRoomFor(userId: string): boolean {
    const own = this.people.get(userId)?.streams.size ?? 0;
    return !this.isClosing && this.streams < MAX_STREAMS && own < MAX_STREAMS_PER_PERSON;
  }

  /** The stream is told how things stand now, and whenever that changes. */
  join(userId: string, stream: EventStream): void {
    const person = this.people.get(userId) ?? { streams: new Map<EventStream, string | null>() };
    this.people.set(userId, person);
    person.streams.set(stream, null);
    this.streams += 1;
    if (this.timers.length === 0) this.startTimers();
    this.look(userId);
    stream.onClose(() => this.leave(userId, stream));
  }

  /** Something of the person's was just changed here: his pages need not wait for the next look. */
  look(userId: string): void {
    if (!this.people.has(userId)) return;
    this.wanted.add(userId);
    this.loop.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    this.stopTimers();
    for (const stream of this.allStreams()) stream.end();
    await this.loop.stop();
  }

  private leave(userId: string, stream: EventStream): void {
    const person = this.people.get(userId);
    if (!person?.streams.delete(stream)) return;
    this.streams -= 1;
    if (person.streams.size === 0) this.people.delete(userId);
    if (this.people.size === 0) this.stopTimers();
  }

  private async pass(): Promise<boolean> {
    const chunk = [...this.wanted].slice(0, CHUNK);
    for (const userId of chunk) this.wanted.delete(userId);
    if (chunk.length === 0) return false;
    for (const [userId, badge] of await this.inbox.countsOf(chunk)) this.tell(userId, badge);
    return this.wanted.size > 0;
  }

  private tell(userId: string, { unread, open, newestId }: InboxBadge): void {
    const streams = this.people.get(userId)?.streams ?? new Map<EventStream, string | null>();
    const state = JSON.stringify([unread, open, newestId]);
    for (const [stream, told] of streams) {
      if (told === state) continue;
      streams.set(stream, state);
      stream.send('counts', { unread, open, newest: newestId }, newestId);
    }
  }

  private startTimers(): void {
    this.timers = [setInterval(() => this.lookAtAll(), LOOK_EVERY_MS), setInterval(() => this.beat(), BEAT_EVERY_MS)];
    for (const timer of this.timers) timer.unref();
  }

  private stopTimers(): void {
    this.timers.forEach((timer) => clearInterval(timer));
    this.timers = [];
  }

  private lookAtAll(): void {
    for (const userId of this.people.keys()) this.wanted.add(userId);
    this.loop.wake();
  }

  private beat(): void {
    const oldestMs = Date.now() - LIFETIME_MS;
    for (const stream of this.allStreams()) {
      if (stream.openedAtMs < oldestMs) stream.end();
      else stream.beat();
    }
  }

  private allStreams(): EventStream[] {
    return [...this.people.values()].flatMap(({ streams }) => [...streams.keys()]);
  }
}
