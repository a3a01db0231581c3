import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { QUEUES } from '#contracts';
import { ExpireRepository, UnprovenRepository, WorkRepository, type DueKind, type DueWork } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger } from '#platform';
import { FanOutService } from '../fan-out/fan-out.service.js';
import { CancelDeliveriesService } from './cancel-deliveries.service.js';
import { HandOverService } from './hand-over.service.js';

const LOOK_EVERY_MS = 500;
const AT_A_TIME = 200;

/**
 * Everything of which the time has come: scheduled sends and lost doorbells (fan_out), proofs that did not arrive,
 * cancellations, deliveries past their expiry. Judged by the database's clock and claimed row by row, so that N replicas do each thing once.
 */
@Injectable()
export class DueWorkJob implements OnApplicationShutdown {
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly work: WorkRepository,
    private readonly fanOut: FanOutService,
    private readonly unproven: UnprovenRepository,
    private readonly expiries: ExpireRepository,
    private readonly cancelled: CancelDeliveriesService,
    private readonly handOver: HandOverService,
    private readonly bus: MessageBus,
    private readonly logger: AppLogger,
  ) {}

  @Interval(LOOK_EVERY_MS)
  tick(): void {
    if (this.isStopped) return;
    this.running ??= this.run()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'due work failed, it is due again soon'))
      .finally(() => (this.running = undefined));
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    await this.each('fan_out', async (rows) => this.fanOut.fanOut([...new Set(rows.map((row) => row.message_id))]));
    await this.each('proof', async (rows) => this.unproven.fallBack(rows));
    await this.each('cancel', async (rows) => {
      for (const row of rows) await this.cancelled.settle(row);
    });
    while (!this.isStopped && (await this.expiries.expire(AT_A_TIME)) > 0) this.ringReporting();
  }

  private async each(kind: DueKind, handle: (rows: DueWork[]) => Promise<void>): Promise<void> {
    for (;;) {
      const rows = this.isStopped ? [] : await this.work.claimDue(kind, AT_A_TIME);
      if (rows.length === 0) return;
      await handle(rows);
      this.handOver.wake();
      this.ringReporting();
      if (rows.length < AT_A_TIME) return;
    }
  }

  private ringReporting(): void {
    this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // reporting looks by itself, too
  }
}
