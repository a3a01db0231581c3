import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { PortalSessionRepository } from '#entities';
import { AppLogger, WakeLoop } from '#platform';

/** Sign-ins end by themselves, with their person, and at other replicas: after this time that is known here. */
const CHECK_EVERY_MS = 30_000;

type Over = () => void;

/** Sign-ins by which something is open longer than a request. It is told when its sign-in has ended. */
@Injectable()
export class LiveSessions implements BeforeApplicationShutdown {
  private readonly watchers = new Map<string, Set<Over>>();
  private readonly loop: WakeLoop;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: PortalSessionRepository,
    log: AppLogger,
  ) {
    this.loop = new WakeLoop({
      pass: () => this.check(),
      onError: (err) => log.warn({ err }, 'portal sign-ins not checked'),
    });
  }

  /** @param session hex hash of its token @returns how to stop watching */
  watch(session: string, over: Over): () => void {
    const own = this.watchers.get(session) ?? new Set<Over>();
    this.watchers.set(session, own.add(over));
    this.timer ??= setInterval(() => this.loop.wake(), CHECK_EVERY_MS).unref();
    return () => this.leave(session, over);
  }

  /** The sign-in ended here. */
  end(session: string): void {
    for (const over of this.watchers.get(session) ?? []) {
      this.leave(session, over);
      over();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopTimer();
    await this.loop.stop();
  }

  private leave(session: string, over: Over): void {
    const own = this.watchers.get(session);
    if (!own?.delete(over)) return;
    if (own.size === 0) this.watchers.delete(session);
    if (this.watchers.size === 0) this.stopTimer();
  }

  private async check(): Promise<boolean> {
    const asked = [...this.watchers.keys()];
    if (asked.length === 0) return false;
    const valid = await this.sessions.valid(asked);
    for (const session of asked) if (!valid.has(session)) this.end(session);
    return false;
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
