import { Controller } from '@nestjs/common';
import { RPC, SendNowV1, type SendNowAnswer } from '#contracts';
import { Answer } from '#messaging';
import { DeliverWorkService } from '../delivery/deliver-work.service.js';

/** Callers who wait for a provider at the same time, in one process. */
const AT_THE_SAME_TIME = 64;

/** Sends work whose caller waits, by the way of all work: claimed, sent once, settled. */
@Controller()
export class SendNowAnswerer {
  constructor(private readonly work: DeliverWorkService) {}

  @Answer(RPC.sendNow('wechat'), SendNowV1, { prefetch: AT_THE_SAME_TIME })
  async send({ channel, workIds }: SendNowV1): Promise<SendNowAnswer> {
    if (workIds.length > 0) await this.work.deliver(channel, workIds);
    return {};
  }
}
