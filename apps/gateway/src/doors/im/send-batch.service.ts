import { Injectable } from '@nestjs/common';
import type { ImSendBatchAnswer } from '#contracts';
import { AskImService } from './ask-im.service.js';
import type { GivenBatch } from './send-batch.body.js';

/** Sends a batch to everybody who can be sent to, and says of everybody else why he got nothing. */
@Injectable()
export class SendBatchService {
  constructor(private readonly im: AskImService) {}

  /** @throws AppError `transient`: whether it was sent is unknown, unless nobody was there */
  async send({ batch, subscribers, unusable }: GivenBatch): Promise<ImSendBatchAnswer> {
    const failed = batch.subscribers.length === 0 ? NOBODY : await this.im.sendBatch(batch);
    return unusable.size === 0 ? failed : failuresInOrder(subscribers, unusable, failed);
  }
}

const NOBODY: ImSendBatchAnswer = { failUids: [], reasons: [] };

/** @param failed among those who could be sent to, in the order of `given` */
function failuresInOrder(
  given: readonly string[],
  unusable: ReadonlyMap<string, string>,
  failed: ImSendBatchAnswer,
): ImSendBatchAnswer {
  const failUids: string[] = [];
  const reasons: string[] = [];
  let next = 0;
  for (const uid of given) {
    const reason = unusable.get(uid) ?? (failed.failUids[next] === uid ? failed.reasons[next++] : undefined);
    if (reason === undefined) continue;
    failUids.push(uid);
    reasons.push(reason);
  }
  return { failUids, reasons };
}
