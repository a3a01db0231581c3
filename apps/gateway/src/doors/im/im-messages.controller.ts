import { Body, Header, HttpCode, Post } from '@nestjs/common';
import { ImCommandRepository } from '#entities';
import { AskImService } from './ask-im.service.js';
import { GivesUpLater, GivesUpSoon } from './give-up.interceptor.js';
import { ImDoorController } from './im-door.decorator.js';
import { readFields } from './im.body.js';
import { JSON_TYPE, OK, messagesJson, okWith } from './im.envelope.js';
import { ImError } from './im.error.js';
import { isBlank } from './im.fields.js';
import { ApiImSend, ApiImSendBatch, ApiImSync, ApiImSyncAck } from './im-messages.docs.js';
import { readBatch } from './send-batch.body.js';
import { SendBatchService } from './send-batch.service.js';
import { readMessage } from './send-message.body.js';
import { sentOrRefused } from './sent-or-refused.js';

/** Most commands of one answer. */
const MAX_COMMANDS = 10_000;

/** Sending, and the command queues. */
@ImDoorController()
export class ImMessagesController {
  constructor(
    private readonly im: AskImService,
    private readonly batches: SendBatchService,
    private readonly commands: ImCommandRepository,
  ) {}

  @Post('message/send')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImSend()
  async send(@Body() raw: unknown): Promise<string> {
    const message = readMessage(raw);
    const { messageId, messageSeq } = sentOrRefused(await this.im.send(message));
    return okWith(
      `{"client_msg_no":${JSON.stringify(message.clientMsgNo)},"message_id":${messageId},"message_seq":${messageSeq}}`,
    );
  }

  @Post('message/sendbatch')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImSendBatch()
  async sendBatch(@Body() raw: unknown): Promise<string> {
    const { failUids, reasons } = await this.batches.send(readBatch(raw));
    return JSON.stringify({ fail_uids: failUids, reason: reasons });
  }

  @Post('message/sync')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImSync()
  @GivesUpLater()
  async sync(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'decoder');
    const uid = fields.id('uid');
    const afterSeq = fields.uint32('message_seq');
    const limit = fields.int('limit');
    if (isBlank(uid)) throw new ImError('用户uid不能为空！');
    if (limit < 0) throw new ImError('limit不能为负数！');
    if (limit === 0) return '[]';
    return messagesJson(await this.commands.list(uid, afterSeq, Math.min(limit, MAX_COMMANDS)));
  }

  @Post('message/syncack')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImSyncAck()
  @GivesUpSoon()
  async syncAck(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'own');
    const uid = fields.id('uid');
    const lastSeq = fields.uint32('last_message_seq');
    if (isBlank(uid)) throw new ImError('用户UID不能为空！');
    if (lastSeq > 0) await this.commands.acknowledge(uid, lastSeq);
    return OK;
  }
}
