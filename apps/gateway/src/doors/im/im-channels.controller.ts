import { Body, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { IM_GROUP, IM_PERSON, type ImChangeV1 } from '#contracts';
import { ImChannelRepository } from '#entities';
import { AskImService } from './ask-im.service.js';
import { ApiImChange, ApiImWhiteList } from './im-channels.docs.js';
import { GivesUpLater } from './give-up.interceptor.js';
import { ImDoorController } from './im-door.decorator.js';
import { readFields } from './im.body.js';
import { JSON_TYPE, OK } from './im.envelope.js';
import { ImError } from './im.error.js';
import { isBlank, type ImFields } from './im.fields.js';
import { queryText } from './im.query.js';

/** Channels and who gets what is sent there. */
@ImDoorController()
export class ImChannelsController {
  constructor(
    private readonly im: AskImService,
    private readonly channels: ImChannelRepository,
  ) {}

  @Post('channel')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('创建或更新频道', 'create')
  async create(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'both');
    const change = { ...changeOf(fields), ...flagsOf(fields), uids: fields.ids('subscribers') };
    require(change.channelId, '频道ID不能为空！');
    if (change.channelType === 0) throw new ImError('频道类型错误！');
    if (change.channelType === IM_PERSON) throw new ImError('暂不支持个人频道！');
    return this.change({ ...change, what: 'create' });
  }

  @Post('channel/info')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('更新频道信息', 'describe')
  info(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'own');
    return this.change({ ...changeOf(fields), ...flagsOf(fields), what: 'describe' });
  }

  @Post('channel/delete')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('删除频道', 'delete')
  delete(@Body() raw: unknown): Promise<string> {
    return this.change({ ...changeOf(readFields(raw, 'own')), what: 'delete' });
  }

  @Post('channel/subscriber_add')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('添加订阅者', 'add_subscribers')
  async addSubscribers(@Body() raw: unknown): Promise<string> {
    const fields = readFields(raw, 'both');
    return this.change({ ...subscribersOf(fields), what: 'add_subscribers', isReset: fields.bit('reset') });
  }

  @Post('channel/subscriber_remove')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('移除订阅者', 'remove_subscribers')
  async removeSubscribers(@Body() raw: unknown): Promise<string> {
    return this.change({ ...subscribersOf(readFields(raw, 'both')), what: 'remove_subscribers' });
  }

  @Post('channel/blacklist_add')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('添加黑名单', 'list_add')
  async blackListAdd(@Body() raw: unknown): Promise<string> {
    return this.change({ ...listedOf(raw), what: 'list_add', list: 'black' });
  }

  @Post('channel/blacklist_set')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('设置黑名单', 'list_set')
  async blackListSet(@Body() raw: unknown): Promise<string> {
    return this.change({ ...wholeListOf(raw), what: 'list_set', list: 'black' });
  }

  @Post('channel/blacklist_remove')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('移除黑名单', 'list_remove')
  async blackListRemove(@Body() raw: unknown): Promise<string> {
    return this.change({ ...listedOf(raw), what: 'list_remove', list: 'black' });
  }

  @Post('channel/whitelist_add')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('添加白名单', 'list_add')
  async whiteListAdd(@Body() raw: unknown): Promise<string> {
    return this.change({ ...listedOf(raw), what: 'list_add', list: 'white' });
  }

  @Post('channel/whitelist_set')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('设置白名单', 'list_set')
  async whiteListSet(@Body() raw: unknown): Promise<string> {
    return this.change({ ...wholeListOf(raw), what: 'list_set', list: 'white' });
  }

  @Post('channel/whitelist_remove')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  @ApiImChange('移除白名单', 'list_remove')
  async whiteListRemove(@Body() raw: unknown): Promise<string> {
    return this.change({ ...listedOf(raw), what: 'list_remove', list: 'white' });
  }

  @Get('channel/whitelist')
  @Header('content-type', JSON_TYPE)
  @ApiImWhiteList()
  @GivesUpLater()
  async whiteList(@Query('channel_id') id: unknown): Promise<string> {
    const channelId = require(queryText('channel_id', id), 'channel_id不能为空！');
    return JSON.stringify(await this.channels.whiteList(channelId));
  }

  private async change(change: ImChangeV1): Promise<string> {
    await this.im.change(change);
    return OK;
  }
}

type Change = Omit<ImChangeV1, 'what' | 'list'>;

const changeOf = (fields: ImFields): Change => ({
  channelId: fields.id('channel_id'),
  channelType: fields.uint8('channel_type'),
  isLarge: false,
  isBanned: false,
  isDisbanded: false,
  isReset: false,
  isTemporary: false,
  uids: [],
});

const flagsOf = (fields: ImFields): Pick<Change, 'isLarge' | 'isBanned' | 'isDisbanded'> => ({
  isLarge: fields.bit('large'),
  isBanned: fields.bit('ban'),
  isDisbanded: fields.bit('disband'),
});

/** @throws ImError */
function subscribersOf(fields: ImFields): Change {
  const change = changeOf(fields);
  const uids = fields.ids('subscribers');
  require(change.channelId, '频道ID不能为空！');
  if (uids.length === 0) throw new ImError('订阅者不能为空！');
  if (change.channelType === IM_PERSON) throw new ImError('个人频道不支持添加订阅者！');
  return { ...change, channelType: change.channelType || IM_GROUP, isTemporary: fields.bit('temp_subscriber'), uids };
}

/** @throws ImError */
function listedOf(raw: unknown): Change {
  const fields = readFields(raw, 'own');
  const change = { ...changeOf(fields), uids: fields.ids('uids') };
  require(change.channelId, 'channel_id不能为空！');
  if (change.channelType === 0) throw new ImError('频道类型不能为0！');
  if (change.uids.length === 0) throw new ImError('uids不能为空！');
  return change;
}

/** @throws ImError */
function wholeListOf(raw: unknown): Change {
  const fields = readFields(raw, 'own');
  const change = { ...changeOf(fields), uids: fields.ids('uids') };
  require(change.channelId, '频道ID不能为空！');
  return change;
}

function require(text: string, refusal: string): string {
  if (isBlank(text)) throw new ImError(refusal);
  return text;
}
