import { Controller } from '@nestjs/common';
import { RPC, SendDirectV1, type SendDirectAnswer } from '#contracts';
import { Answer } from '#messaging';
import { SendDirectService } from './send-direct.service.js';

/** Callers who wait for a provider at the same time, in one process. */
const AT_THE_SAME_TIME = 16;

@Controller()
export class SendDirectAnswerer {
  constructor(private readonly direct: SendDirectService) {}

  @Answer(RPC.sendDirect('wecom'), SendDirectV1, { prefetch: AT_THE_SAME_TIME })
  async send(request: SendDirectV1): Promise<SendDirectAnswer> {
    const outcomes = await this.direct.send(request);
    return {
      outcomes: outcomes.map(({ class: name, code, words }) => ({
        class: name,
        ...(code === undefined ? {} : { code }),
        ...(words === undefined ? {} : { words }),
      })),
    };
  }
}
