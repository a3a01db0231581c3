import { describe, expect, it } from '@jest/globals';
import { imMessageJson, withImStreams } from '#contracts';
import type { ImMessage } from '#contracts';

const MESSAGE: ImMessage = {
  noPersist: false,
  redDot: true,
  syncOnce: false,
  setting: 0,
  messageId: '9223372036854775807',
  clientMsgNo: 'c"1',
  streamNo: '',
  streamSeq: 0,
  messageSeq: 7,
  fromUid: '张三',
  channelId: 'g\\1',
  channelType: 2,
  topic: '',
  expire: 60,
  timestamp: 1795979606,
  payload: 'aGk=',
};
const PLAIN =
  '{"header":{"no_persist":0,"red_dot":1,"sync_once":0},"setting":0,"message_id":9223372036854775807,' +
  '"message_idstr":"9223372036854775807","client_msg_no":"c\\"1","message_seq":7,"from_uid":"张三","channel_id":"g\\\\1",' +
  '"channel_type":2,"expire":60,"timestamp":1795979606,"payload":"aGk="}';

describe('a message as JSON', () => {
  it('has its keys in order, and its id as a whole integer', () => {
    expect(imMessageJson(MESSAGE)).toBe(PLAIN);
  });

  it('names topic and stream only where there are any', () => {
    const keys = Object.keys(
      JSON.parse(imMessageJson({ ...MESSAGE, topic: 't', streamNo: 's', streamSeq: 3 })) as object,
    );
    expect(keys).toEqual([
      ...[
        'header',
        'setting',
        'message_id',
        'message_idstr',
        'client_msg_no',
        'stream_no',
        'stream_seq',
        'message_seq',
      ],
      ...['from_uid', 'channel_id', 'channel_type', 'topic', 'expire', 'timestamp', 'payload'],
    ]);
  });

  it('shows the pieces of its stream last', () => {
    expect(withImStreams(PLAIN, [])).toBe(PLAIN);
    expect(withImStreams(PLAIN, [{ streamSeq: 1, clientMsgNo: 'p', payload: 'YQ==' }])).toBe(
      `${PLAIN.slice(0, -1)},"streams":[{"stream_seq":1,"client_msg_no":"p","blob":"YQ=="}]}`,
    );
  });
});
