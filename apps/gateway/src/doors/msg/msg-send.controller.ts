import { createHash } from 'node:crypto';
import { Controller, HttpCode, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation } from '@nestjs/swagger';
import type { Params } from '#contracts';
import type { AcceptMessage } from '../../intake/accept-message.command.js';
import { AcceptMessageService } from '../../intake/accept-message.service.js';
import { idempotencyKeyOf } from '../../intake/idempotency-key.js';
import { channelChoice } from './channel-words.js';
import { bodyOf } from './msg.body.js';
import { ApiMsgAnswer, ApiMsgToken, REF_NO } from './msg.docs.js';
import { SendBody, SendTagBody } from './msg.dto.js';
import { MSG_CODE, MsgError } from './msg.error.js';
import { MsgFilter } from './msg.filter.js';
import { MsgTokenGuard, type MsgRequest } from './msg.guard.js';

const sendBody = bodyOf(SendBody);
const sendTagBody = bodyOf(SendTagBody);

interface RefNo {
  code: 0;
  message: '';
  data: { ref_no: string };
}

@Controller('msg')
@UseGuards(MsgTokenGuard)
@UseFilters(MsgFilter)
export class MsgSendController {
  constructor(private readonly intake: AcceptMessageService) {}

  @Post('send')
  @HttpCode(200)
  @ApiOperation({ summary: '发送模版消息：向一个用户发送', description: 'Answers after the message is committed.' })
  @ApiMsgToken()
  @ApiBody({ type: SendBody })
  @ApiMsgAnswer({ code: 0, message: '', data: { ref_no: REF_NO } }, [
    'token',
    'parameter',
    'channelUnknown',
    'template',
    'recipient',
    'sensitiveWord',
    'channelClosed',
    'rate',
    'internal',
  ])
  async send(@Req() request: MsgRequest): Promise<RefNo> {
    const body = sendBody(request.body);
    return this.accept(toCommand(body, request, { users: [{ id: body.uid }] }, true));
  }

  @Post('send_tag')
  @HttpCode(200)
  @ApiOperation({ summary: '发送模版消息到标签', description: 'Goes to the members of the tag at acceptance.' })
  @ApiMsgToken()
  @ApiBody({ type: SendTagBody })
  @ApiMsgAnswer({ code: 0, message: '', data: { ref_no: REF_NO } }, [
    'token',
    'parameter',
    'channelUnknown',
    'template',
    'tag',
    'sensitiveWord',
    'channelClosed',
    'rate',
    'internal',
  ])
  async sendTag(@Req() request: MsgRequest): Promise<RefNo> {
    const body = sendTagBody(request.body);
    return this.accept(toCommand(body, request, { tags: [body.tag] }, false));
  }

  private async accept(command: AcceptMessage): Promise<RefNo> {
    const { messageId } = await this.intake.accept(command);
    return { code: 0, message: '', data: { ref_no: messageId } };
  }
}

function toCommand(
  body: SendBody | SendTagBody,
  request: MsgRequest,
  to: AcceptMessage['to'],
  mustReach: boolean,
): AcceptMessage {
  const command: AcceptMessage = {
    app: request.callingApp,
    door: 'msg',
    to,
    channels: channelChoice(body.channel),
    template: { code: body.template },
    params: paramsOf(body.params),
    mustReach,
  };
  if (body.status_callback !== undefined) command.statusCallback = body.status_callback;
  if (body.client_ref !== undefined) {
    command.clientRef = body.client_ref;
    command.idempotency = idempotencyOf(body, body.client_ref);
  }
  return command;
}

/** Beyond this a number has lost digits before anybody could read them. */
const isExact = (value: number): boolean => Math.abs(value) <= Number.MAX_SAFE_INTEGER;

/** Numbers count as text; anything else is malformed. */
function paramsOf(given: Record<string, unknown> = {}): Params {
  const params: Params = {};
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new MsgError(MSG_CODE.parameter, `参数 params.${name.slice(0, 64)} 必须是字符串或数字`);
    }
    if (typeof value === 'number' && !isExact(value)) {
      throw new MsgError(MSG_CODE.parameter, `参数 params.${name.slice(0, 64)} 的数字过大，请改为字符串`);
    }
    params[name] = String(value);
  }
  return params;
}

/** The key counts with what was asked: the same `client_ref` with other content is a caller's mistake, not a repetition. */
function idempotencyOf(body: SendBody | SendTagBody, clientRef: string): NonNullable<AcceptMessage['idempotency']> {
  const { uid, tag } = body as Partial<SendBody & SendTagBody>;
  // As they count, not as they were written: in any order, numbers as text.
  const params = Object.entries(paramsOf(body.params)).sort(([a], [b]) => (a < b ? -1 : 1));
  const asked = JSON.stringify([uid, tag, body.template, params, body.channel, body.status_callback]);
  return { key: idempotencyKeyOf('msg', clientRef), bodyHash: createHash('sha256').update(asked).digest('hex') };
}
