import { ApiImCall, CHANNEL_TYPE, EXAMPLE_PAYLOAD, HEADER, ID, PAYLOAD, TEXT, UNREADABLE } from './im.docs.js';

const STREAM_NO = '0f4c3a6d5b8e4f0f9a53c2c1f0d6b7aa';

export const ApiImStreamStart = (): MethodDecorator =>
  ApiImCall({
    summary: '开始流式消息',
    description:
      'Stores the message that the pieces belong to. Each piece is a `/message/send` with this `stream_no`; `/channel/messagesync` shows them as `streams` in person channels.',
    body: {
      properties: {
        header: HEADER,
        client_msg_no: TEXT,
        from_uid: ID,
        channel_id: ID,
        channel_type: CHANNEL_TYPE,
        payload: PAYLOAD,
      },
      example: { header: { red_dot: 1 }, from_uid: 'bot', channel_id: 'u1', channel_type: 1, payload: EXAMPLE_PAYLOAD },
    },
    answer: `{"stream_no":"${STREAM_NO}"}`,
    refusals: { '频道ID不能为空！': 'no channel', 'payload不能为空！': 'there is no payload', EOF: UNREADABLE },
  });

export const ApiImStreamEnd = (): MethodDecorator =>
  ApiImCall({
    summary: '结束流式消息',
    description: 'It takes no more pieces.',
    body: {
      properties: { stream_no: TEXT, channel_id: ID, channel_type: CHANNEL_TYPE },
      example: { stream_no: STREAM_NO, channel_id: 'u1', channel_type: 1 },
    },
    answer: '{"status":200}',
    refusals: { '流消息元数据不存在！': 'no such stream in this channel', EOF: UNREADABLE },
  });
