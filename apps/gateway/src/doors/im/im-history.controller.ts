import { Body, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { IM_PERSON, imMessageJson, personChannel, type ImMessage } from '#contracts';
import { ImHistoryRepository } from '#entities';
import { ChannelPages } from './channel-pages.service.js';
import { GivesUpLater, GivesUpSoon } from './give-up.interceptor.js';
import { ImDoorController } from './im-door.decorator.js';
import { ApiImMaxSeq, ApiImMessages, ApiImMessageSync } from './im-history.docs.js';
import { readFields } from './im.body.js';
import { JSON_TYPE, pageJson } from './im.envelope.js';
import { ImError } from './im.error.js';
import { isBlank, type ImFields } from './im.fields.js';
import { queryNumber, queryText } from './im.query.js';
import { moreOf, pageRange } from './page-range.policy.js';
import { Patience } from './patience.js';

/** Most messages of one call by their seqs. */
const MAX_SEQS = 10_000;

/** Logs of channels. */
@ImDoorController()
export class ImHistoryController {
  constructor(
    private readonly history: ImHistoryRepository,
    private readonly pages: ChannelPages,
  ) {}

  @Post('channel/messagesync')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImMessageSync()
  @GivesUpLater()
  async messageSync(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'own');
    const channel = channelOf(fields);
    const start = fields.uint32('start_message_seq');
    const end = fields.uint32('end_message_seq');
    const range = pageRange({ start, end, limit: fields.int('limit'), isUp: fields.int('pull_mode') === 1 });
    const key = range.limit === 0 ? null : await this.keyOf(channel);
    const { found, isCut, json } = key === null ? NOTHING : await this.pages.read(key, channel.type, range);
    return pageJson({ start, end, more: moreOf(found, range, isCut), messages: json });
  }

  @Post('messages')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImMessages()
  @GivesUpLater()
  async messages(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'decoder');
    const channel = channelOf(fields);
    const seqs = fields.integers('message_seqs');
    if (isBlank(channel.given)) throw new ImError('channel_id不能为空！');
    if (seqs.length === 0) throw new ImError('message_seqs不能为空！');
    if (seqs.length > MAX_SEQS) throw new ImError(`message_seqs过多，最多${MAX_SEQS}个！`);
    const key = await this.keyOf(channel);
    const found = new Map<number, ImMessage>();
    for (const message of key === null ? [] : await this.history.listBySeq(key, seqs)) {
      found.set(message.messageSeq, message);
    }
    const messages = seqs.map((seq) => {
      const message = found.get(seq);
      if (!message) throw new ImError('no data');
      return message;
    });
    const json = await this.pages.jsonOf(
      channel.type,
      messages.map((message) => ({ json: imMessageJson(message), streamNo: message.streamNo || null })),
    );
    return pageJson({ start: 0, end: 0, more: 0, messages: json });
  }

  @Get('channel/max_message_seq')
  @Header('content-type', JSON_TYPE)
  @ApiImMaxSeq()
  @GivesUpSoon()
  async maxMessageSeq(@Query('channel_id') id: unknown, @Query('channel_type') type: unknown): Promise<string> {
    const channelId = queryText('channel_id', id);
    if (isBlank(channelId)) throw new ImError('channel_id不能为空');
    const seq = await this.history.lastSeq(channelId, queryNumber('channel_type', type));
    return `{"message_seq":${seq}}`;
  }

  /** The first look tells whether the database is there at all: the caller need not wait as long as for a large page. */
  private keyOf({ id, type }: AskedChannel): Promise<number | null> {
    return new Patience().with(this.history.findKey(id, type));
  }
}

const NOTHING = { found: 0, isCut: false, json: '' } as const;

interface AskedChannel {
  given: string;
  /** As the row has it. */
  id: string;
  type: number;
}

function channelOf(fields: ImFields): AskedChannel {
  const loginUid = fields.id('login_uid');
  const given = fields.id('channel_id');
  const type = fields.uint8('channel_type');
  return { given, type, id: type === IM_PERSON ? personChannel(loginUid, given).channelId : given };
}
