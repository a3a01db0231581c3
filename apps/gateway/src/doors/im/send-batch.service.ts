import { Injectable } from '@nestjs/common';
import type { ImSendBatchAnswer, ImSendBatchV1 } from '#contracts';
import { AppLogger } from '#platform';
import { AskImService } from './ask-im.service.js';
import { partsOf } from './batch-parts.policy.js';
import type { GivenBatch } from './send-batch.body.js';

/** Sends a batch to everybody who can be sent to, and says of everybody else why he got nothing. */
@Injectable()
export class SendBatchService {
  constructor(
    private readonly im: AskImService,
    private readonly logger: AppLogger,
  ) {}

  /** @throws AppError `transient`: whether it was sent is unknown, unless nobody was there */
  async send({ batch, subscribers, unusable }: GivenBatch): Promise<ImSendBatchAnswer> {
    const failed = await this.sendParts(partsOf(batch));
    return unusable.size === 0 ? failed : failuresInOrder(subscribers, unusable, failed);
  }

  /** Once something was sent, the caller has to learn who is left: an error would have him send everything again. */
  private async sendParts(parts: readonly ImSendBatchV1[]): Promise<ImSendBatchAnswer> {
    const failUids: string[][] = [];
    const reasons: string[][] = [];
    for (const [sent, part] of parts.entries()) {
      try {
        const answer = await this.im.sendBatch(part);
        failUids.push(answer.failUids);
        reasons.push(answer.reasons);
      } catch (error) {
        if (sent === 0) throw error;
        // Nor would the next ones fare better, and each would have the caller wait as long again.
        const left = parts.slice(sent).flatMap((one) => one.subscribers);
        this.logger.warn({ err: error, count: left.length }, 'the rest of a batch of instant messages was not sent');
        failUids.push(left);
        reasons.push(left.map(() => NOT_SENT));
        break;
      }
    }
    return { failUids: failUids.flat(), reasons: reasons.flat() };
  }
}

/** As im-sync says it: of some nobody knows whether they got it. */
const NOT_SENT = '发送失败，请稍后重试！';

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
