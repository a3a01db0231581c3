import { Req } from '@nestjs/common';
import { PlatformCall, PlatformController } from '../platform-call.decorator.js';
import { answer, type PlatformAnswer } from '../platform.envelope.js';
import type { PlatformRequest } from '../platform.guard.js';
import { readParameters } from '../platform.parameters.js';
import { CARD_MESSAGE } from './card-message.parameters.js';
import { SendCardService } from './send-card.service.js';

@PlatformController()
export class CardMessageController {
  constructor(private readonly cards: SendCardService) {}

  @PlatformCall({
    path: 'message/cardMessage',
    summary: '发送企业微信卡片消息',
    description:
      'Handed straight to WeCom as a text card; nothing is stored and the portal shows none of it. Success when WeCom took it for at least one of the users; where it took it for none, 999999 with WeCom’s words.',
    parameters: CARD_MESSAGE,
    carries: 'json',
    example: answer(null),
    codes: ['channelClosed', 'channelOff', 'sensitiveWord'],
  })
  async send(@Req() { callingApp, given }: PlatformRequest): Promise<PlatformAnswer<null>> {
    await this.cards.send(callingApp, readParameters(CARD_MESSAGE, given));
    return answer(null);
  }
}
