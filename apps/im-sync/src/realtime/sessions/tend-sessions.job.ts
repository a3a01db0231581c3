import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ImSessionRepository } from '#entities';
import { AppLogger } from '#platform';
import { EndSessionsService } from './end-sessions.service.js';
import { SessionRegistry } from './session-registry.js';

const EVERY_MS = 5_000;
/** Renewals between two looks at processes that are gone. */
const SWEEP_EVERY = 6;

/** Keeps the rows of the sessions of this process true, and ends those that somebody else wants ended. */
@Injectable()
export class TendSessionsJob {
  private isWanted = false;
  private running: Promise<void> | null = null;
  private rounds = 0;

  constructor(
    private readonly sessions: ImSessionRepository,
    private readonly registry: SessionRegistry,
    private readonly ending: EndSessionsService,
    private readonly logger: AppLogger,
  ) {}

  /** Before the first session: nobody would believe it otherwise. */
  async start(): Promise<void> {
    await this.sessions.renew(this.registry.replicaId);
    this.isWanted = true;
  }

  async stop(): Promise<void> {
    if (!this.isWanted) return;
    this.isWanted = false;
    await this.running;
    await this.sessions.sweep(this.registry.replicaId).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'the sessions of this process end with its lease');
    });
  }

  @Interval(EVERY_MS)
  tend(): Promise<void> {
    if (!this.isWanted) return Promise.resolve();
    this.running ??= this.round().finally(() => (this.running = null));
    return this.running;
  }

  private async round(): Promise<void> {
    const { replicaId } = this.registry;
    try {
      if (await this.sessions.renew(replicaId)) await this.restore();
      this.ending.end(await this.sessions.ended(replicaId));
      this.rounds += 1;
      if (this.rounds % SWEEP_EVERY === 0) await this.sessions.sweep();
    } catch (error) {
      this.logger.warn({ err: error }, 'sessions of instant messages could not be renewed, next try in 5 s');
    }
  }

  private restore(): Promise<void> {
    const open = [...this.registry.connections()].flatMap(({ session }) => session ?? []);
    return this.sessions.restore(this.registry.replicaId, open);
  }
}
