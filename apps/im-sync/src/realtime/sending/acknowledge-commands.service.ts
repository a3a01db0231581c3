import { Injectable } from '@nestjs/common';
import { ImCommandRepository } from '#entities';
import { Batcher } from '#messaging';
import { AppLogger } from '#platform';

const MAX_BATCH = 500;
const MAX_WAITING = 20_000;

interface Acknowledged {
  uid: string;
  seq: number;
}

/** Commands that a master device has carried out need not be fetched any more. */
@Injectable()
export class AcknowledgeCommandsService {
  private readonly batcher: Batcher<Acknowledged, void>;

  constructor(
    private readonly commands: ImCommandRepository,
    private readonly logger: AppLogger,
  ) {
    this.batcher = new Batcher({
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      flush: async (acknowledged) => {
        const last = new Map<string, number>();
        for (const { uid, seq } of acknowledged) last.set(uid, Math.max(seq, last.get(uid) ?? 0));
        await this.commands.acknowledgeAll([...last.keys()], [...last.values()]);
        return acknowledged.map(() => ({ value: undefined }));
      },
    });
  }

  add(uid: string, seq: number): void {
    // What is lost is fetched once more and acknowledged then.
    this.batcher.add({ uid, seq }).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'an acknowledgement of commands was not stored');
    });
  }

  idle(): Promise<void> {
    return this.batcher.idle();
  }
}
