import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { ApiImCall, CHANNEL_TYPE, EXAMPLE_MESSAGE, ID, UINT32, UNREADABLE } from './im.docs.js';

export const ApiImMessageSync = (): MethodDecorator =>
  ApiImCall({
    summary: '获取某频道消息',
    description: [
      'Messages in ascending order, `end_message_seq` excluded. `pull_mode` 1: from `start_message_seq` on to newer ones; 0: up to `start_message_seq`, the older ones before it. Without either seq: the newest.',
      '`more` is 1 where a full page came back. A `limit` of 0 answers no messages; more than 10,000 count as 10,000.',
      'Of a person channel (`channel_type` 1) `channel_id` is the other side; each message has the `channel_id` that its sender used.',
    ].join('\n\n'),
    body: {
      properties: {
        login_uid: ID,
        channel_id: ID,
        channel_type: CHANNEL_TYPE,
        start_message_seq: UINT32,
        end_message_seq: UINT32,
        limit: { type: 'integer', minimum: 0 },
        pull_mode: { type: 'integer', enum: [0, 1] },
      },
      example: {
        login_uid: 'u1',
        channel_id: 'g1',
        channel_type: 2,
        start_message_seq: 0,
        end_message_seq: 0,
        limit: 20,
        pull_mode: 1,
      },
    },
    answer: `{"start_message_seq":0,"end_message_seq":0,"more":0,"messages":[${EXAMPLE_MESSAGE}]}`,
    refusals: {
      'limit不能为负数！': 'a negative limit',
      'start messageSeq must be greater than 0': 'downwards without a seq to start at',
      '数据格式有误！': UNREADABLE,
    },
  });

export const ApiImMessages = (): MethodDecorator =>
  ApiImCall({
    summary: '按序号获取消息',
    description: 'The messages with these seqs, in the order asked for; at most 10,000.',
    body: {
      properties: {
        login_uid: ID,
        channel_id: ID,
        channel_type: CHANNEL_TYPE,
        message_seqs: { type: 'array', items: UINT32 },
      },
      example: { login_uid: 'u1', channel_id: 'g1', channel_type: 2, message_seqs: [1] },
    },
    answer: `{"start_message_seq":0,"end_message_seq":0,"more":0,"messages":[${EXAMPLE_MESSAGE}]}`,
    refusals: {
      'channel_id不能为空！': 'no channel',
      'message_seqs不能为空！': 'no seqs',
      'message_seqs过多，最多10000个！': 'too many',
      'no data': 'one of them does not exist',
      EOF: UNREADABLE,
    },
  });

export const ApiImMaxSeq = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({ name: 'channel_id', required: true, description: 'Of a person channel its own id.', example: 'g1' }),
    ApiQuery({ name: 'channel_type', required: true, example: 2 }),
    ApiImCall({
      summary: '获取频道最大消息序号',
      description: 'Seq of the last message; 0: there is none.',
      answer: '{"message_seq":250}',
      refusals: { channel_id不能为空: 'no channel' },
    }),
  );
