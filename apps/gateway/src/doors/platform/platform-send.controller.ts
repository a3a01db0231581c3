import { Req } from '@nestjs/common';
import { DatabaseClock } from '#entities';
import { HTTP_LIMITS } from '#platform';
import { AcceptMessageService } from '../../intake/accept-message.service.js';
import { PlatformChannels } from './platform-channels.service.js';
import { PlatformCall, PlatformController } from './platform-call.decorator.js';
import { MSG_ID } from './platform.docs.js';
import { answer, type PlatformAnswer } from './platform.envelope.js';
import type { PlatformRequest } from './platform.guard.js';
import { missing, readParameters } from './platform.parameters.js';
import type { UserReceiver } from './platform-receivers.js';
import { toCommand } from './send-message.mapper.js';
import { SEND_MESSAGE } from './send-message.parameters.js';
import { sendTimeOf } from './send-time.js';
import { WallClock } from './wall-clock.js';

interface NotSubscribed {
  type: 'User';
  userId: string;
  /** The published interface shows this one and describes the other: both are told. */
  userName: string;
  name: string;
}

interface Sent {
  msgId: string;
  noSubscribeStatus: '0' | '1';
  noSubscribeList: NotSubscribed[];
}

@PlatformController()
export class PlatformSendController {
  constructor(
    private readonly intake: AcceptMessageService,
    private readonly channels: PlatformChannels,
    private readonly clock: DatabaseClock,
    private readonly wallClock: WallClock,
  ) {}

  @PlatformCall({
    path: 'message/sendMessageApi',
    summary: '通用发送消息',
    description:
      'Answers after the message is committed; what became of it tells getProgress. Unknown users are accepted and reported as failed.',
    parameters: SEND_MESSAGE,
    carries: 'form',
    bodyBytes: HTTP_LIMITS.recipientBodyBytes,
    disabledApp: 'credentials',
    example: answer({
      msgId: MSG_ID,
      noSubscribeStatus: '1',
      noSubscribeList: [{ type: 'User', userId: '12345', userName: '接受人1', name: '接受人1' }],
    } satisfies Sent),
    codes: [
      'credentials',
      'channelClosed',
      'smartEmpty',
      'channelOff',
      'contentRefused',
      'sensitiveWord',
      'nobodySubscribed',
      'todoDuplicate',
      'smsQuota',
    ],
  })
  async send(@Req() { callingApp, given }: PlatformRequest): Promise<PlatformAnswer<Sent>> {
    const asked = readParameters(SEND_MESSAGE, given);
    const sendAt = sendTimeOf(asked, this.wallClock, this.clock.nowMs());
    if (asked.sendMsgType === '4' && asked.waitLink === undefined) throw missing('waitLink');
    const way = await this.channels.choose(callingApp, asked.sendChannel);
    const { messageId, optedOut = [] } = await this.intake.accept(toCommand(callingApp, asked, way, sendAt));
    return answer({
      msgId: messageId,
      noSubscribeStatus: optedOut.length > 0 ? '1' : '0',
      noSubscribeList: notSubscribed(asked.receivers, new Set(optedOut)),
    });
  }
}

const notSubscribed = (receivers: readonly UserReceiver[], optedOut: ReadonlySet<string>): NotSubscribed[] =>
  optedOut.size === 0
    ? []
    : receivers
        .filter(({ userId }) => optedOut.has(userId))
        .map(({ userId, name }) => ({ type: 'User', userId, userName: name, name }));
