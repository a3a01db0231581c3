import { Body, Header, HttpCode, Post } from '@nestjs/common';
import { ImStreamRepository } from '#entities';
import { AskImService } from './ask-im.service.js';
import { GivesUpSoon } from './give-up.interceptor.js';
import { ImDoorController } from './im-door.decorator.js';
import { ApiImStreamEnd, ApiImStreamStart } from './im-streams.docs.js';
import { readFields } from './im.body.js';
import { JSON_TYPE, OK } from './im.envelope.js';
import { ImError } from './im.error.js';
import { readStreamStart } from './send-message.body.js';
import { sentOrRefused } from './sent-or-refused.js';

/** Messages whose text arrives in pieces; the pieces come by `/message/send`. */
@ImDoorController()
export class ImStreamsController {
  constructor(
    private readonly im: AskImService,
    private readonly streams: ImStreamRepository,
  ) {}

  @Post('streammessage/start')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImStreamStart()
  async start(@Body() raw: unknown): Promise<string> {
    const message = readStreamStart(raw);
    sentOrRefused(await this.im.send(message));
    return JSON.stringify({ stream_no: message.streamNo });
  }

  @Post('streammessage/end')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImStreamEnd()
  @GivesUpSoon()
  async end(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'decoder');
    const isKnown = await this.streams.end(
      fields.text('stream_no'),
      fields.id('channel_id'),
      fields.uint8('channel_type'),
    );
    if (!isKnown) throw new ImError('流消息元数据不存在！');
    return OK;
  }
}
