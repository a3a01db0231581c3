import { Controller, Headers, HttpCode, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { bodyOf } from './psp.body.js';
import { ApiPspPush } from './psp.docs.js';
import { PushConfigBody, PushMessageBody } from './psp.dto.js';
import { success, type PspAnswer } from './psp.envelope.js';
import { PspFilter } from './psp.filter.js';
import { PspGuard, type PspRequest } from './psp.guard.js';
import { configPayload, messagePayload } from './push-content.js';
import { SendPushService, type WrittenPush } from './send-push.service.js';

const messageBody = bodyOf(PushMessageBody);
const configBody = bodyOf(PushConfigBody);

type Task = PspAnswer<{ task_id: string }>;

@Controller('psp/push')
@UseGuards(PspGuard)
@UseFilters(PspFilter)
export class PspPushController {
  constructor(private readonly pushes: SendPushService) {}

  @Post('msg')
  @HttpCode(200)
  @ApiPspPush({
    summary: '推送通知或消息',
    description: 'Third parties and administrators call it alike. Answers after the push is committed.',
    body: PushMessageBody,
  })
  async message(@Req() request: PspRequest, @Headers('idempotency-key') idempotencyKey: unknown): Promise<Task> {
    const read = (): WrittenPush => {
      const body = messageBody(request.body);
      return { body, payload: messagePayload(body) };
    };
    return success({ task_id: await this.pushes.send({ app: request.callingApp, read, idempotencyKey }) });
  }

  @Post('config')
  @HttpCode(200)
  @ApiPspPush({
    summary: '推送策略配置',
    description:
      'Taken silently. The newest of an app, tag and device is kept for a device that is away, and replaces the older ones that it has not acknowledged (`replaced`); without a tag nothing is replaced or kept.',
    body: PushConfigBody,
  })
  async config(@Req() request: PspRequest, @Headers('idempotency-key') idempotencyKey: unknown): Promise<Task> {
    const read = (): WrittenPush => {
      const body = configBody(request.body);
      return { body, payload: configPayload(body) };
    };
    return success({ task_id: await this.pushes.send({ app: request.callingApp, read, idempotencyKey }) });
  }
}
