import { Req } from '@nestjs/common';
import { ClientAppAccess } from '../../../access/client-app-access.service.js';
import { PlatformCall, PlatformController } from '../platform-call.decorator.js';
import { MSG_ID } from '../platform.docs.js';
import { answerWithDebug, type PlatformAnswer } from '../platform.envelope.js';
import type { PlatformRequest } from '../platform.guard.js';
import { readParameters } from '../platform.parameters.js';
import { SEND_TEMPLATE } from './send-template.parameters.js';
import { SendTemplateService, type SentTemplate } from './send-template.service.js';

@PlatformController()
export class SendTemplateController {
  constructor(
    private readonly sending: SendTemplateService,
    private readonly access: ClientAppAccess,
  ) {}

  @PlatformCall({
    path: 'message/sendTemplateApi',
    summary: '发送微信服务号模板消息',
    description:
      'Waits up to 10 s for WeChat and is never tried again: `status` 0 WeChat took it, 1 it did not, or nobody knows yet (结果未知; a later receipt corrects what the portal and the reports show). The message stands in the portal in any case, but for what is refused with a code (600024: WeChat says that the user has left).',
    parameters: SEND_TEMPLATE,
    carries: 'json',
    example: answerWithDebug({ messageId: MSG_ID, status: '0', info: '发送成功' }),
    codes: [
      'userMissing',
      'accountMissing',
      'templateMissing',
      'channelClosed',
      'accountUnknown',
      'accountUnbound',
      'accountOff',
      'channelOff',
      'wechatFailed',
      'wechatToken',
      'templateUnknown',
      'keywordMissing',
      'openidUnknown',
      'unfollowed',
      'sensitiveWord',
      'todoDuplicate',
    ],
    hasDebug: true,
  })
  async send(@Req() request: PlatformRequest): Promise<PlatformAnswer<SentTemplate>> {
    const { callingApp, given } = request;
    const asked = readParameters(SEND_TEMPLATE, given);
    return answerWithDebug(await this.sending.send(callingApp, asked, this.access.ipOf(request)));
  }
}
