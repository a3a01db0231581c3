import { Controller } from '@nestjs/common';
import {
  AppError,
  IM_RPC,
  ImChangeV1,
  ImHandedOverV1,
  ImSendBatchV1,
  ImSendV1,
  imSendsOf,
  type ImChangeAnswer,
  type ImSendAnswer,
  type ImSendBatchAnswer,
} from '#contracts';
import { ImHandoverRepository } from '#entities';
import { Answer } from '#messaging';
import { ChangeChannelService } from './change-channel.service.js';
import { ImSendService } from './im-send.service.js';

/** Requests of one kind that a process works on at a time: each is a batch, and holds a connection. */
const AT_THE_SAME_TIME = 4;
const OPTIONS = { prefetch: AT_THE_SAME_TIME };

/** What the gateway asks for callers of the IM door. */
@Controller()
export class ImAnswerer {
  constructor(
    private readonly sending: ImSendService,
    private readonly channels: ChangeChannelService,
    private readonly handovers: ImHandoverRepository,
  ) {}

  @Answer(IM_RPC.send, ImSendV1, OPTIONS)
  async send(request: ImSendV1): Promise<ImSendAnswer> {
    return { sent: await this.sending.send(imSendsOf(request)) };
  }

  @Answer(IM_RPC.sendBatch, ImSendBatchV1, OPTIONS)
  sendBatch(request: ImSendBatchV1): Promise<ImSendBatchAnswer> {
    return this.sending.sendBatch(request);
  }

  @Answer(IM_RPC.change, ImChangeV1, OPTIONS)
  async change(request: ImChangeV1): Promise<ImChangeAnswer> {
    await this.channels.change(request);
    return {};
  }

  /** The gateway wrote it there just now, in the form of its contract. */
  @Answer(IM_RPC.handedOver, ImHandedOverV1, OPTIONS)
  async handedOver({ pattern, id }: ImHandedOverV1): Promise<object> {
    const request = await this.handovers.take(id);
    if (!request) throw new AppError('IM_HANDOVER_GONE', 'transient', 'The request was taken already: send it again.');
    switch (pattern) {
      case IM_RPC.send:
        return this.send(request as ImSendV1);
      case IM_RPC.sendBatch:
        return this.sendBatch(request as ImSendBatchV1);
      default:
        return this.change(request as ImChangeV1);
    }
  }
}
