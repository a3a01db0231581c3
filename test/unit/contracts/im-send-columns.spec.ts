import { expect, it } from '@jest/globals';
import { columnsOfImSends, imSendsOf } from '#contracts';
import type { ImNewMessage } from '#contracts';

const message = (fields: Partial<ImNewMessage> = {}): ImNewMessage => ({
  noPersist: false,
  redDot: true,
  syncOnce: false,
  setting: 0,
  clientMsgNo: 'c',
  streamNo: '',
  startsStream: false,
  fromUid: 'u1',
  channelId: 'g1',
  channelType: 2,
  topic: '',
  expire: 0,
  payload: 'aGk=',
  subscribers: null,
  ...fields,
});

it('messages arrive as they were, each with its own subscribers', () => {
  const messages = [
    message({ subscribers: ['a', 'b'] }),
    message(),
    message({ subscribers: [], noPersist: true, redDot: false }),
    message({ subscribers: ['c'], syncOnce: true, startsStream: true, streamNo: 's', expire: 4_294_967_295 }),
  ];
  expect(imSendsOf(columnsOfImSends(messages))).toEqual(messages);
});
