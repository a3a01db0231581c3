import { Req } from '@nestjs/common';
import { HTTP_LIMITS } from '#platform';
import { AcceptMessageService } from '../../intake/accept-message.service.js';
import { PlatformCall, PlatformController } from './platform-call.decorator.js';
import { answer, type PlatformAnswer } from './platform.envelope.js';
import type { PlatformRequest } from './platform.guard.js';
import { json, readParameters, text } from './platform.parameters.js';
import { mobileReceivers } from './platform-receivers.js';

/** Longest text, in characters; the published interface names no limit. */
const MAX_CONTENT = 2000;

const SEND_SMS = {
  msgContent: text({
    about: '短信内容，禁止使用【】，签名请用〖〗',
    example: '〖研发部〗今晚八点升级。',
    max: MAX_CONTENT,
  }),
  receivers: json({
    about: '接收人，JSON 数组字符串，最多 10000 个',
    example: '[{"name":"示例姓名1","mobile": "18612345678"},{"name":"示例姓名2","mobile": "13912345678"}]',
    check: mobileReceivers,
  }),
};

@PlatformController()
export class PlatformSmsController {
  constructor(private readonly intake: AcceptMessageService) {}

  @PlatformCall({
    path: 'message/sendMessageBySMSApi',
    summary: '发送短信消息',
    description:
      'For people outside the directory. A number that is none fails in getProgress, the others go. Success is rspCode 1.',
    parameters: SEND_SMS,
    carries: 'form',
    bodyBytes: HTTP_LIMITS.recipientBodyBytes,
    example: answer({ msgId: '3c670bd9-a735-4c95-aebc-650053f5f6b0' }, 'smsDone'),
    codes: ['channelClosed', 'channelOff', 'contentRefused', 'sensitiveWord', 'smsQuota'],
  })
  async send(@Req() { callingApp, given }: PlatformRequest): Promise<PlatformAnswer<{ msgId: string }>> {
    const { msgContent, receivers } = readParameters(SEND_SMS, given);
    const { messageId } = await this.intake.accept({
      app: callingApp,
      door: 'platform',
      to: {
        addresses: receivers.map(({ mobile, name }) => ({
          channel: 'sms',
          address: mobile,
          ...(name === '' ? {} : { name }),
        })),
      },
      channels: { mode: 'list', list: ['sms'] },
      content: { text: msgContent },
      badAddresses: 'fail',
      refuseSmsSignature: true,
    });
    return answer({ msgId: messageId }, 'smsDone');
  }
}
