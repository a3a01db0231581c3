import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { AlarmRepository, type DueAlarm } from '#entities';
import { AppLogger, WakeLoop, jitterMs } from '#platform';
import { nextOf } from '../callbacks/callback-ladder.policy.js';
import { AlarmWebhook, POST_TIMEOUT_MS } from './alarm-webhook.service.js';

const LOOK_EVERY_MS = 1000;
const AT_A_TIME = 20;
const JITTER = 0.2;

/** Tells of alarms that were raised or cleared: in the log, and to the webhook where there is one. Claimed row by row. */
@Injectable()
export class AlarmsJob implements OnApplicationShutdown {
  private readonly loop = new WakeLoop({
    pass: () => this.tellDue(),
    onError: (error) => this.logger.warn({ err: error }, 'alarms not told, next try soon'),
  });

  constructor(
    private readonly alarms: AlarmRepository,
    private readonly webhook: AlarmWebhook,
    private readonly logger: AppLogger,
  ) {}

  @Interval(LOOK_EVERY_MS)
  look(): void {
    this.loop.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** One pass. Answers whether there may be more. */
  async tellDue(): Promise<boolean> {
    const due = await this.alarms.claimDue(AT_A_TIME, POST_TIMEOUT_MS / 1000 + 15);
    await Promise.all(due.map((alarm) => this.tell(alarm)));
    return due.length === AT_A_TIME;
  }

  private async tell(alarm: DueAlarm): Promise<void> {
    const { id, kind, subject, count, attempts, cleared_at: clearedAt } = alarm;
    if (attempts === 0) {
      if (clearedAt) this.logger.info({ alarm: id, kind, subject }, 'alarm cleared');
      else this.logger.error({ alarm: id, kind, subject, count }, 'alarm raised');
    }
    if (!this.webhook.isSet) return this.alarms.told(alarm);
    const next = nextOf(await this.webhook.post(alarm), attempts, Date.now());
    if (next.kind === 'retry')
      return this.alarms.retry(alarm, Math.max(jitterMs(next.delayMs, JITTER), next.notBeforeMs));
    if (next.kind === 'dead')
      this.logger.error({ alarm: id, kind, subject }, 'alarm webhook does not answer, given up');
    await this.alarms.told(alarm);
  }
}
