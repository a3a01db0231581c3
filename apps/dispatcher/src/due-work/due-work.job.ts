import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { QUEUES } from '#contracts';
import {
  ExpireRepository,
  ReminderRepository,
  UnansweredRepository,
  UnprovenRepository,
  WorkRepository,
  type DueKind,
  type DueWork,
} from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, WakeLoop } from '#platform';
import { FanOutService } from '../fan-out/fan-out.service.js';
import { CancelDeliveriesService } from './cancel-deliveries.service.js';
import { HandOverService } from './hand-over.service.js';

const LOOK_EVERY_MS = 500;
const AT_A_TIME = 200;
/** Messages of which a chunk is cancelled side by side. */
const CANCELLED_AT_A_TIME = 4;

/**
 * Everything of which the time has come: scheduled sends and lost doorbells (fan_out), proofs and receipts that did not
 * arrive, cancellations, reminders of to-dos, deliveries past their expiry. Judged by the database's clock and claimed row by row, so that N replicas
 * do each thing once. Each kind has a loop of its own: a fan-out to a million holds up nothing else.
 */
@Injectable()
export class DueWorkJob implements OnApplicationShutdown {
  private readonly looking: WakeLoop;
  /** By the kind of work. */
  private readonly loops: ReadonlyMap<DueKind | 'remind', WakeLoop>;
  private readonly expiry: WakeLoop;

  constructor(
    private readonly work: WorkRepository,
    fanOut: FanOutService,
    unproven: UnprovenRepository,
    unanswered: UnansweredRepository,
    expiries: ExpireRepository,
    reminders: ReminderRepository,
    cancelled: CancelDeliveriesService,
    private readonly handOver: HandOverService,
    private readonly bus: MessageBus,
    private readonly logger: AppLogger,
  ) {
    this.loops = new Map([
      ['fan_out', this.loopOf('fan_out', (rows) => fanOut.start([...new Set(rows.map((row) => row.message_id))]))],
      ['proof', this.loopOf('proof', (rows) => unproven.fallBack(rows))],
      ['receipt', this.loopOf('receipt', async (rows) => void (await unanswered.sendAgain(rows)))],
      ['cancel', this.loopOf('cancel', (rows) => cancelled.settle(rows), CANCELLED_AT_A_TIME)],
      ['remind', this.loop('remind', async () => (await reminders.send(AT_A_TIME)) > 0)],
    ]);
    this.expiry = this.loop('expiry', async () => (await expiries.expire(AT_A_TIME)) > 0);
    const kinds = [...this.loops.keys()];
    this.looking = new WakeLoop({
      pass: async () => {
        for (const kind of await this.work.dueKinds(kinds)) this.loops.get(kind)?.wake();
        return false;
      },
      onError: (error) => this.logger.warn({ err: error }, 'no look at what is due, next one soon'),
    });
  }

  @Interval(LOOK_EVERY_MS)
  look(): void {
    this.looking.wake();
    this.expiry.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.looking, this.expiry, ...this.loops.values()].map((loop) => loop.stop()));
  }

  private loopOf(kind: DueKind, handle: (rows: DueWork[]) => Promise<void>, atATime = AT_A_TIME): WakeLoop {
    return this.loop(kind, async () => {
      const rows = await this.work.claimDue(kind, atATime);
      if (rows.length > 0) await handle(rows);
      return rows.length > 0;
    });
  }

  private loop(kind: string, handle: () => Promise<boolean>): WakeLoop {
    return new WakeLoop({
      pass: async () => {
        const hasDone = await handle();
        if (!hasDone) return false;
        this.handOver.wake();
        this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // reporting looks by itself, too
        return true;
      },
      onError: (error) => this.logger.warn({ err: error, kind }, 'due work failed, it is due again soon'),
    });
  }
}
