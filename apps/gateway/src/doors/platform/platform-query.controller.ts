import { Req } from '@nestjs/common';
import { UplinkRepository } from '#entities';
import { MessageProgressService, type Progress } from './message-progress.service.js';
import { PlatformCall, PlatformController } from './platform-call.decorator.js';
import { MSG_ID } from './platform.docs.js';
import { answer, type PlatformAnswer } from './platform.envelope.js';
import { PlatformError } from './platform.error.js';
import type { PlatformRequest } from './platform.guard.js';
import { choice, integer, readParameters, text, withDefault } from './platform.parameters.js';
import { WallClock } from './wall-clock.js';

const MAX_REPLIES = 100;

const REPLIES = {
  count: withDefault(integer({ about: '获取的回复记录数', example: '100', from: 1, to: MAX_REPLIES }), MAX_REPLIES),
  again: withDefault(
    choice({ about: '1：重新获取 10 分钟内已拉取的回复（响应丢失时使用）', example: '0', words: ['0', '1'] }),
    '0',
  ),
};

const PROGRESS = { msgId: text({ about: '消息标识', example: MSG_ID }) };

interface ReplyLine {
  content: string;
  time: string;
  msgId: string;
  user: string;
}

/** What became of the app's messages, and what people answered. */
@PlatformController()
export class PlatformQueryController {
  constructor(
    private readonly uplinks: UplinkRepository,
    private readonly progressOf: MessageProgressService,
    private readonly clock: WallClock,
  ) {}

  @PlatformCall({
    path: 'message/replyMessage',
    summary: '获取消息回复信息',
    description:
      'Oldest first; each is handed out once. After a lost response, `again=1` answers what was pulled in the last 10 minutes, and nothing new.',
    parameters: REPLIES,
    carries: 'form',
    example: answer([{ content: '回复内容', time: '2018-01-01 15:01:02', msgId: MSG_ID, user: '123456' }]),
  })
  async replies(@Req() { callingApp, given }: PlatformRequest): Promise<PlatformAnswer<ReplyLine[]>> {
    const { count, again } = readParameters(REPLIES, given);
    const rows = await (again === '1'
      ? this.uplinks.pulledAgain(callingApp.appId, count)
      : this.uplinks.pull(callingApp.appId, count));
    return answer(
      rows.map(({ text: content, at, messageId: msgId, address: user }) => ({
        content,
        time: this.clock.seconds(at),
        msgId,
        user,
      })),
    );
  }

  @PlatformCall({
    path: 'message/getProgress',
    summary: '获取消息发送结果',
    description:
      'A receiver succeeded when any channel reached him; `cause` joins the reasons of the channels. At most 100,000 lines. `state` 0 not begun, 2 under way, 1 finished.',
    parameters: PROGRESS,
    carries: 'form',
    example: answer({
      total: 2,
      state: '1',
      successCount: 1,
      failCount: 1,
      failUserList: [{ user: '1234567890', cause: '短信发送失败！手机号码格式有误！' }],
    } satisfies Progress),
    codes: ['messageUnknown'],
  })
  async progress(@Req() { callingApp, given }: PlatformRequest): Promise<PlatformAnswer<Progress>> {
    const { msgId } = readParameters(PROGRESS, given);
    const progress = await this.progressOf.of(msgId, callingApp.appId);
    if (!progress) throw new PlatformError('messageUnknown');
    return answer(progress);
  }
}
