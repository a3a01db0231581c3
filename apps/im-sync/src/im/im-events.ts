import { Injectable } from '@nestjs/common';
import type { ImChange, ImDelivery } from '#contracts';
import { AppLogger } from '#platform';

/** A channel is no longer what it was; caches of it are stale. */
export interface ImChannelChange {
  channelKey: number;
  /** As the row has it. */
  channelId: string;
  channelType: number;
  what: ImChange;
}

type Listener<T> = (event: T) => void;
/** Made when somebody wants them: most of the time nobody is online who would. */
type Deliveries = () => readonly ImDelivery[];

/** What was committed in this process, for those parts of it that act on it. Listeners take what they need and do not wait. */
@Injectable()
export class ImEvents {
  private readonly delivered: Listener<Deliveries>[] = [];
  private readonly changed: Listener<ImChannelChange>[] = [];

  constructor(private readonly logger: AppLogger) {}

  /** Messages that were sent, batch by batch, after their commit. */
  onSent(listener: Listener<Deliveries>): void {
    this.delivered.push(listener);
  }

  onChannelChanged(listener: Listener<ImChannelChange>): void {
    this.changed.push(listener);
  }

  sent(deliveries: Deliveries): void {
    this.tell(this.delivered, deliveries);
  }

  channelChanged(change: ImChannelChange): void {
    this.tell(this.changed, change);
  }

  /** It is committed: a listener that fails takes nobody's answer away. */
  private tell<T>(listeners: readonly Listener<T>[], event: T): void {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        this.logger.error({ err: error }, 'a listener to instant messages failed');
      }
    }
  }
}
