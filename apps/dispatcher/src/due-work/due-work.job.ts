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
  private readonly loops: readonly WakeLoop[];

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
    this.loops = [
      this.loopOf('fan_out', (rows) => fanOut.start([...new Set(rows.map((row) => row.message_id))])),
      this.loopOf('proof', (rows) => unproven.fallBack(rows)),
      this.loopOf('receipt', async (rows) => void (await unanswered.sendAgain(rows))),
      this.loopOf('cancel', (rows) => cancelled.settle(rows), CANCELLED_AT_A_TIME),
      this.loop('remind', async () => (await reminders.send(AT_A_TIME)) > 0),
      this.loop('expiry', async () => (await expiries.expire(AT_A_TIME)) > 0),
    ];
  }

  @Interval(LOOK_EVERY_MS)
  look(): void {
    for (const loop of this.loops) loop.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
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
