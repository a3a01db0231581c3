import {
  ApiImCall,
  CHANNEL_TYPE,
  EXAMPLE_MESSAGE,
  EXAMPLE_PAYLOAD,
  HEADER,
  ID,
  IDS,
  PAYLOAD,
  TEXT,
  UINT32,
  UNREADABLE,
} from './im.docs.js';

const EMPTY_PAYLOAD = { 'payload不能为空！': 'there is no payload' };

export const ApiImSend = (): MethodDecorator =>
  ApiImCall({
    summary: '发送消息',
    description: [
      'Stores the message and hands it to whoever is online; what is answered is committed. `message_seq` is its place in the channel, from 1 without gaps; 0 for commands, pieces of streams and what is not stored.',
      'Without `channel_id`, `subscribers` get it in a channel of its own. With both, only they are told, and the log of the channel still holds it.',
      'After `expire` seconds nobody sees it any more.',
    ].join('\n\n'),
    body: {
      properties: {
        header: HEADER,
        client_msg_no: { ...TEXT, description: 'Made where there is none. Clients recognise duplicates by it.' },
        stream_no: { ...TEXT, description: 'Adds the payload as a piece to a stream.' },
        from_uid: ID,
        channel_id: ID,
        channel_type: CHANNEL_TYPE,
        expire: { ...UINT32, description: 'Seconds; 0: never.' },
        subscribers: IDS,
        payload: PAYLOAD,
      },
      example: {
        header: { no_persist: 0, red_dot: 1, sync_once: 0 },
        from_uid: 'u1',
        channel_id: 'g1',
        channel_type: 2,
        payload: EXAMPLE_PAYLOAD,
      },
    },
    answer:
      '{"data":{"client_msg_no":"7cec731e722c49b6a5fa8360034f3d310","message_id":2127118756168597504,"message_seq":1},"status":200}',
    refusals: {
      ...EMPTY_PAYLOAD,
      '无法处理发送消息请求！': 'neither channel_id nor subscribers',
      '超大群不支持发送SyncOnce类型消息！': 'a command to a large channel',
      EOF: UNREADABLE,
    },
  });

export const ApiImSendBatch = (): MethodDecorator =>
  ApiImCall({
    summary: '批量发送消息',
    description:
      'One person message from `from_uid` to each of `subscribers`, as often as he is named. 1,000 to 10,000 of them a call are ordinary. Who cannot be sent to stands in `fail_uids`, and why at the same place of `reason`; all others get it.',
    body: {
      properties: { header: HEADER, from_uid: ID, subscribers: IDS, payload: PAYLOAD },
      example: { header: { red_dot: 1 }, from_uid: 'system', subscribers: ['u1', 'u2'], payload: EXAMPLE_PAYLOAD },
    },
    answer: '{"fail_uids":[],"reason":[]}',
    refusals: {
      'from_uid不能为空！': 'nobody sends it',
      'subscribers不能为空！': 'nobody gets it',
      ...EMPTY_PAYLOAD,
      'payload字节数与接收者数之积过大，最多4294967296，请分批发送！':
        'bytes of the payload × recipients come to more than 4 GiB',
      EOF: UNREADABLE,
    },
  });

export const ApiImSync = (): MethodDecorator =>
  ApiImCall({
    summary: '同步离线命令消息',
    description:
      'Commands (`sync_once`) in the queue of `uid` that were not acknowledged, oldest first. Reading takes nothing away. `message_seq` counts in the queue.',
    body: {
      properties: {
        uid: ID,
        message_seq: { ...UINT32, description: 'Also those after this one, although acknowledged.' },
        limit: { type: 'integer', minimum: 0, description: 'At most 10,000; 0: none.' },
      },
      example: { uid: 'u1', limit: 100 },
    },
    answer: `[${EXAMPLE_MESSAGE.replace('"red_dot":1,"sync_once":0', '"red_dot":0,"sync_once":1')}]`,
    refusals: { '用户uid不能为空！': 'no uid', 'limit不能为负数！': 'a negative limit', EOF: UNREADABLE },
  });

export const ApiImSyncAck = (): MethodDecorator =>
  ApiImCall({
    summary: '回执离线命令消息',
    description: 'Commands up to `last_message_seq` have arrived. Never takes back an earlier word; 0 does nothing.',
    body: {
      properties: { uid: ID, last_message_seq: UINT32 },
      example: { uid: 'u1', last_message_seq: 12 },
    },
    answer: '{"status":200}',
    refusals: { '用户UID不能为空！': 'no uid', '数据格式有误！': UNREADABLE },
  });
