import { setMaxListeners } from 'node:events';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ShutdownConfig } from '#platform';

/** Of the time a process has to end; the rest is for storing what became of the calls. */
const PART_FOR_CALLS = 0.8;

/** When a process that is ending breaks off what it still asks of providers, so that it ends in time and in order. */
@Injectable()
export class EndOfCalls implements OnModuleDestroy {
  private readonly controller = new AbortController();

  constructor(private readonly config: ShutdownConfig) {
    setMaxListeners(0, this.signal); // every call listens
  }

  onModuleDestroy(): void {
    const afterMs = this.config.SHUTDOWN_DRAIN_S * 1000 * PART_FOR_CALLS;
    setTimeout(() => this.controller.abort(), afterMs).unref();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From now on no call begins. */
  get hasCome(): boolean {
    return this.signal.aborted;
  }
}
