import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import type { ImChange } from '#contracts';
import { ApiImCall, BIT, CHANNEL_TYPE, ID, IDS, UNREADABLE, type ImCallDocs } from './im.docs.js';

const CHANNEL = { channel_id: ID, channel_type: CHANNEL_TYPE };
const FLAGS = {
  large: { ...BIT, description: '1: no conversations, no commands.' },
  ban: { ...BIT, description: '1: clients may not send to it.' },
  disband: { ...BIT, description: '1: it is no more; its log stays.' },
};
const GROUP = { channel_id: 'g1', channel_type: 2 };
const NO_ID = { '频道ID不能为空！': 'no channel' };
const UNREADABLE_BODY = { '数据格式有误！': UNREADABLE };

type Particulars = Pick<ImCallDocs, 'description' | 'refusals'> & { body: NonNullable<ImCallDocs['body']> };

const LISTED: Particulars = {
  description: 'Of a person (type 1) the list is his own: `channel_id` is his uid.',
  body: { properties: { ...CHANNEL, uids: IDS }, example: { ...GROUP, uids: ['u3'] } },
  refusals: {
    'channel_id不能为空！': 'no channel',
    '频道类型不能为0！': 'no type',
    'uids不能为空！': 'nobody is named',
    ...UNREADABLE_BODY,
  },
};

const SUBSCRIBED: Particulars = {
  description: 'A channel that is unknown is made. Type 2 unless given; `temp_subscriber` 1: without a conversation.',
  body: {
    properties: { ...CHANNEL, subscribers: IDS, reset: BIT, temp_subscriber: BIT },
    example: { ...GROUP, reset: 0, subscribers: ['u1', 'u2'] },
  },
  refusals: {
    ...NO_ID,
    '订阅者不能为空！': 'nobody is named',
    '个人频道不支持添加订阅者！': 'type 1',
    ...UNREADABLE_BODY,
  },
};

const PARTICULARS: Readonly<Record<ImChange, Particulars>> = {
  create: {
    description: 'The subscribers replace those there were.',
    body: {
      properties: { ...CHANNEL, ...FLAGS, subscribers: IDS },
      example: { ...GROUP, large: 0, ban: 0, subscribers: ['u1', 'u2'] },
    },
    refusals: { ...NO_ID, '频道类型错误！': 'no type', '暂不支持个人频道！': 'type 1', ...UNREADABLE_BODY },
  },
  describe: {
    description: 'Sets the flags; a channel that is unknown is made.',
    body: { properties: { ...CHANNEL, ...FLAGS }, example: { ...GROUP, ban: 1 } },
    refusals: UNREADABLE_BODY,
  },
  delete: {
    description: 'Disbands it and removes its subscribers. Its log stays readable.',
    body: { properties: CHANNEL, example: GROUP },
    refusals: UNREADABLE_BODY,
  },
  add_subscribers: SUBSCRIBED,
  remove_subscribers: { ...SUBSCRIBED, description: 'Their conversation goes, too.' },
  list_add: LISTED,
  list_set: {
    ...LISTED,
    description: 'Replaces the list; no uids: empties it.',
    refusals: { ...NO_ID, ...UNREADABLE_BODY },
  },
  list_remove: LISTED,
};

export const ApiImChange = (summary: string, what: ImChange): MethodDecorator =>
  ApiImCall({ summary, ...PARTICULARS[what], answer: '{"status":200}' });

export const ApiImWhiteList = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({ name: 'channel_id', required: true, example: 'g1' }),
    ApiImCall({
      summary: '获取白名单',
      description: 'Of a group (type 2).',
      answer: '["u1","u2"]',
      refusals: { 'channel_id不能为空！': 'no channel' },
    }),
  );
