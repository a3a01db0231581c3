import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { QUEUES, type MessageAcceptedV1 } from '#contracts';
import { MessageIntakeRepository, type InsertResult, type NewMessage } from '#entities';
import { Batcher, MessageBus } from '#messaging';
import { AppLogger, Metrics, failpoint } from '#platform';

/** Messages of one commit. */
const MAX_BATCH = 500;
/** More requests than this waiting for a commit: the service sheds load instead of growing. */
const MAX_WAITING = 10_000;

/** Every message that waits at a moment goes into one commit; one doorbell a commit, after it, never awaited. */
@Injectable()
export class GroupCommit implements OnApplicationShutdown {
  private readonly batcher = new Batcher<NewMessage, InsertResult>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    flush: (batch) => this.flush(batch),
  });

  constructor(
    private readonly messages: MessageIntakeRepository,
    private readonly bus: MessageBus,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /** Resolves after COMMIT. */
  commit(message: NewMessage): Promise<InsertResult> {
    return this.batcher.add(message);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.batcher.idle();
  }

  private async flush(batch: NewMessage[]): Promise<({ value: InsertResult } | { error: unknown })[]> {
    failpoint('intake.before-commit');
    const results = await this.messages.insert(batch);
    failpoint('intake.after-commit');
    this.metrics.batchSize.observe({ stage: 'intake' }, batch.length);
    this.ring(results);
    return results.map((result) => (result instanceof Error ? { error: result } : { value: result }));
  }

  private ring(results: readonly (InsertResult | Error)[]): void {
    const messageIds = results.flatMap((result) =>
      !(result instanceof Error) && result.kind === 'accepted' && result.isNew && !result.isScheduled
        ? [result.messageId]
        : [],
    );
    if (messageIds.length === 0) return;
    const event: MessageAcceptedV1 = { messageIds };
    this.bus.publish(QUEUES.messageAccepted, event).catch((error: unknown) => {
      // The work rows are due in a moment anyway: nothing is lost, it only takes longer.
      this.logger.warn({ err: error, messages: messageIds.length }, 'doorbell lost');
    });
  }
}
