import { Body, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { IM_PERSON, withImStreams } from '#contracts';
import {
  ImConversationListRepository,
  ImHistoryRepository,
  ImRecentsRepository,
  ImUnreadRepository,
  type ImConversationRow,
  type ImRecentsQuestion,
} from '#entities';
import { conversationJson, listJson, recentsJson, syncedJson, type Recents } from './im-conversation.answer.js';
import { readChannel, readConversation, recentsOf, type NamedChannel } from './im-conversation.body.js';
import {
  ApiImClearUnread,
  ApiImConversations,
  ApiImConversationSync,
  ApiImDeleteConversation,
  ApiImSetUnread,
  ApiImSyncMessages,
} from './im-conversation.docs.js';
import { GivesUpLater, GivesUpSoon } from './give-up.interceptor.js';
import { ImDoorController } from './im-door.decorator.js';
import { readFields } from './im.body.js';
import { JSON_TYPE, OK } from './im.envelope.js';
import { ImError } from './im.error.js';
import { queryText } from './im.query.js';
import { knownChannel, readLastMsgSeqs } from './last-msg-seqs.js';

/** Messages of a channel where the call names no number. */
const USUAL_COUNT = 15;
/** Most messages of one answer, over all channels. */
const MAX_MESSAGES = 50_000;

/** Conversations: read and changed where they are kept, without asking anybody. */
@ImDoorController()
export class ImConversationController {
  constructor(
    private readonly list: ImConversationListRepository,
    private readonly recents: ImRecentsRepository,
    private readonly history: ImHistoryRepository,
    private readonly unread: ImUnreadRepository,
  ) {}

  @Post('conversation/sync')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImConversationSync()
  @GivesUpLater()
  async sync(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'decoder');
    const uid = fields.id('uid');
    const version = fields.int('version');
    const seqs = readLastMsgSeqs(fields.text('last_msg_seqs'));
    const count = fields.int('msg_count');
    const larges = fields.objects('larges').map(readChannel);
    const rows = uid === '' ? [] : await this.list.list(uid, Math.max(0, version));
    if (count <= 0) return listJson(rows.map((row) => syncedJson(row, null)));
    const all = [...rows, ...larges.filter((large) => !rows.some(isSame(large))).map(unkept)];
    const recents = await this.recentsOf(
      all.map((row) => recentsOf(uid, row, seqs.get(knownChannel(row.channelId, row.channelType)) ?? 0)),
      count,
    );
    return listJson(all.map((row, i) => syncedJson(row, recents[i] ?? NOTHING)));
  }

  @Post('conversation/syncMessages')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImSyncMessages()
  @GivesUpLater()
  async syncMessages(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'own');
    const uid = fields.id('uid');
    const count = fields.int('msg_count');
    const asked = fields
      .objects('channels')
      .map((one) => ({ ...readChannel(one), afterSeq: one.uint32('last_msg_seq') }));
    const recents = await this.recentsOf(
      asked.map((channel) => recentsOf(uid, channel, channel.afterSeq)),
      count > 0 ? count : USUAL_COUNT,
    );
    return listJson(asked.map((channel, i) => recentsJson(channel, recents[i] ?? NOTHING)));
  }

  @Get('conversations')
  @Header('content-type', JSON_TYPE)
  @ApiImConversations()
  @GivesUpLater()
  async conversations(@Query('uid') given: unknown): Promise<string> {
    const uid = queryText('uid', given);
    if (uid.trim() === '') throw new ImError('uid cannot be empty');
    const rows = await this.list.list(uid, 0);
    const last = await this.recentsOf(
      rows.map((row) => recentsOf(uid, row, row.lastSeq - 1)),
      1,
    );
    return listJson(rows.map((row, i) => conversationJson(row, last[i] ?? NOTHING)));
  }

  @Post('conversations/clearUnread')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImClearUnread()
  @GivesUpSoon()
  async clearUnread(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'decoder');
    const messageSeq = fields.uint32('message_seq');
    await this.unread.set(readConversation(fields, 'uid cannot be empty'), 0, messageSeq);
    return OK;
  }

  @Post('conversations/setUnread')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImSetUnread()
  @GivesUpSoon()
  async setUnread(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'decoder');
    const [unread, messageSeq] = [fields.int('unread'), fields.uint32('message_seq')];
    await this.unread.set(readConversation(fields, 'UID cannot be empty'), unread, messageSeq);
    return OK;
  }

  @Post('conversations/delete')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImDeleteConversation()
  @GivesUpSoon()
  async delete(@Body() raw: unknown): Promise<string> {
    await this.unread.remove(readConversation(readFields(raw, 'decoder'), 'Uid cannot be empty'));
    return OK;
  }

  /** Pieces of streams are shown in person channels only, as in `/channel/messagesync`. */
  private async recentsOf(questions: readonly ImRecentsQuestion[], count: number): Promise<Recents[]> {
    if (questions.length === 0) return [];
    const limit = Math.min(count, Math.max(1, Math.floor(MAX_MESSAGES / questions.length)));
    const found = await this.recents.of(questions, limit);
    const isShown = questions.map(({ channelType }) => channelType === IM_PERSON);
    const streamNos = found.flatMap((messages, i) =>
      isShown[i] ? messages.flatMap(({ streamNo }) => streamNo ?? []) : [],
    );
    const chunks = await this.history.chunksOf(streamNos);
    return found.map((messages) =>
      messages.map(({ json, streamNo }) => withImStreams(json, chunks.get(streamNo ?? '') ?? [])),
    );
  }
}

const NOTHING: Recents = [];

const isSame =
  (one: NamedChannel) =>
  (other: NamedChannel): boolean =>
    one.channelId === other.channelId && one.channelType === other.channelType;

/** Of a large channel nothing is kept for its members; the client knows where it stands. */
const unkept = (large: NamedChannel): ImConversationRow => ({
  ...large,
  unread: 0,
  timestamp: 0,
  lastSeq: 0,
  lastClientMsgNo: '',
  version: 0,
});
