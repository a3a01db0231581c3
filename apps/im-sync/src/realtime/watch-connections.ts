import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '#entities';
import { WS_CLOSE, type ClientConnection } from './sessions/client-connection.js';

/** Time to log in, and without a whole packet, in ms. */
const LOGIN_WITHIN_MS = 2_000;
const IDLE_MS = 3 * 60_000;
const LOOK_EVERY_MS = 500;
/** Looks between two rounds over those that are logged in. */
const ROUND_EVERY = 4;

/** All connections of the listener: closes those that do not log in or fall silent, and tries messages again. */
@Injectable()
export class WatchConnections {
  /** In the order in which they came. */
  private readonly strangers = new Set<ClientConnection>();
  private readonly known = new Set<ClientConnection>();
  private timer?: NodeJS.Timeout;
  private looks = 0;

  constructor(private readonly clock: DatabaseClock) {}

  get size(): number {
    return this.strangers.size + this.known.size;
  }

  start(): void {
    this.timer = setInterval(() => this.look(performance.now()), LOOK_EVERY_MS).unref();
  }

  add(connection: ClientConnection): void {
    this.strangers.add(connection);
  }

  remove(connection: ClientConnection): void {
    this.strangers.delete(connection);
    this.known.delete(connection);
  }

  /** Asks all to go, waits for them, and cuts off who does not. */
  async stop(withinMs: number): Promise<void> {
    clearInterval(this.timer);
    const all = [...this.strangers, ...this.known];
    for (const connection of all) connection.close(WS_CLOSE.goingAway);
    const giveUpAtMs = performance.now() + withinMs;
    while (this.size > 0 && performance.now() < giveUpAtMs) await sleep(20);
    for (const connection of [...this.strangers, ...this.known]) connection.cut();
  }

  private look(nowMs: number): void {
    for (const connection of this.strangers) {
      if (connection.session) {
        this.strangers.delete(connection);
        this.known.add(connection);
      } else if (
        nowMs - connection.openedAtMs > LOGIN_WITHIN_MS &&
        !connection.isLoggingIn &&
        !connection.isLingering
      ) {
        connection.cut();
      }
    }
    this.looks += 1;
    if (this.looks % ROUND_EVERY !== 0) return;
    const epochMs = this.clock.nowMs();
    for (const connection of this.known) {
      if (nowMs - connection.heardAtMs > IDLE_MS) connection.cut();
      else
        for (const { push, view } of connection.unacknowledged.due(nowMs, epochMs)) connection.push(push, view, nowMs);
    }
  }
}
