import { ApiImCall, CHANNEL_TYPE, EXAMPLE_MESSAGE, ID, TEXT, UINT32, UNREADABLE } from './im.docs.js';
import { ApiQuery } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';

const NO_CHANNEL = { 'channel_id or channel_type cannot be empty': 'it is not said which conversation' };
const CHANNEL = { uid: ID, channel_id: ID, channel_type: CHANNEL_TYPE };
const EXAMPLE = { uid: 'u2', channel_id: 'g1', channel_type: 2 };
const SEQ = { ...UINT32, description: 'Of a large channel: the message up to which the client has read.' };
const MSG_COUNT = {
  type: 'integer',
  description: 'Messages of each channel; at most 50,000, and 16 MiB of payloads, of all together.',
} as const;
const SHOWN = '"channel_id":"g1","channel_type":2,"unread":1,"timestamp":1795979606';

export const ApiImConversationSync = (): MethodDecorator =>
  ApiImCall({
    summary: '同步最近会话',
    description: [
      'The conversations that changed after `version` (0: all), newest first, each with its latest messages, newest first. `recents` is null where `msg_count` is 0.',
      'What others sent with a red dot after the reader’s last clearing is unread. Large channels and channels of type 6 make no conversations; those in `larges` come along with their messages.',
    ].join('\n\n'),
    body: {
      properties: {
        uid: ID,
        version: { type: 'integer', description: 'The largest version the client has.' },
        last_msg_seqs: {
          ...TEXT,
          description: '`channel_id:channel_type:seq|…`: the client has these messages and gets newer ones only.',
        },
        msg_count: MSG_COUNT,
        larges: {
          type: 'array',
          items: { type: 'object', properties: { channel_id: ID, channel_type: CHANNEL_TYPE } },
        },
      },
      example: { uid: 'u2', version: 0, last_msg_seqs: 'g1:2:0', msg_count: 20, larges: [] },
    },
    answer: `[{${SHOWN},"last_msg_seq":1,"last_client_msg_no":"7cec731e722c49b6a5fa8360034f3d310","offset_msg_seq":0,"version":1795979606123,"recents":[${EXAMPLE_MESSAGE}]}]`,
    refusals: { EOF: UNREADABLE },
  });

export const ApiImSyncMessages = (): MethodDecorator =>
  ApiImCall({
    summary: '同步会话最近消息',
    description: 'The latest messages of each channel after `last_msg_seq`, newest first.',
    body: {
      properties: {
        uid: ID,
        channels: {
          type: 'array',
          items: { type: 'object', properties: { channel_id: ID, channel_type: CHANNEL_TYPE, last_msg_seq: UINT32 } },
        },
        msg_count: { ...MSG_COUNT, default: 15 },
      },
      example: { uid: 'u2', channels: [{ channel_id: 'g1', channel_type: 2, last_msg_seq: 0 }], msg_count: 15 },
    },
    answer: `[{"channel_id":"g1","channel_type":2,"messages":[${EXAMPLE_MESSAGE}]}]`,
    refusals: { '数据格式有误！': UNREADABLE },
  });

export const ApiImConversations = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({ name: 'uid', required: true, example: 'u2' }),
    ApiImCall({
      summary: '最近会话列表',
      description:
        'All conversations of a person, newest first, each with its last message; null where that has expired.',
      answer: `[{${SHOWN},"last_message":${EXAMPLE_MESSAGE}}]`,
      refusals: { 'uid cannot be empty': 'no uid' },
    }),
  );

export const ApiImClearUnread = (): MethodDecorator =>
  ApiImCall({
    summary: '清空会话未读数',
    description: 'Nothing of the conversation is unread.',
    body: { properties: { ...CHANNEL, message_seq: SEQ }, example: EXAMPLE },
    answer: '{"status":200}',
    refusals: { 'uid cannot be empty': 'no uid', ...NO_CHANNEL, EOF: UNREADABLE },
  });

export const ApiImSetUnread = (): MethodDecorator =>
  ApiImCall({
    summary: '设置会话未读数',
    description: 'So much of the conversation is unread; what comes counts on top.',
    body: {
      properties: { ...CHANNEL, unread: { type: 'integer' }, message_seq: SEQ },
      example: { ...EXAMPLE, unread: 3 },
    },
    answer: '{"status":200}',
    refusals: { 'UID cannot be empty': 'no uid', ...NO_CHANNEL, EOF: UNREADABLE },
  });

export const ApiImDeleteConversation = (): MethodDecorator =>
  ApiImCall({
    summary: '删除会话',
    description: 'The conversation is gone until its next message. The messages stay.',
    body: { properties: CHANNEL, example: EXAMPLE },
    answer: '{"status":200}',
    refusals: { 'Uid cannot be empty': 'no uid', ...NO_CHANNEL, EOF: UNREADABLE },
  });
