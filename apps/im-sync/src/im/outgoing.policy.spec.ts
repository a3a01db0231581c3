import { describe, expect, it } from '@jest/globals';
import type { ImNewMessage } from '#contracts';
import { outgoing, storageOf } from './outgoing.policy.js';

const message = (fields: Partial<ImNewMessage> = {}): ImNewMessage => ({
  noPersist: false,
  redDot: true,
  syncOnce: false,
  setting: 0,
  clientMsgNo: 'c',
  streamNo: '',
  startsStream: false,
  fromUid: 'u1',
  channelId: 'u2',
  channelType: 1,
  topic: '',
  expire: 0,
  payload: 'aGk=',
  subscribers: null,
  ...fields,
});

describe('where a message is kept', () => {
  it.each<[Partial<ImNewMessage>, string]>([
    [{}, 'log'],
    [{ syncOnce: true }, 'queue'],
    [{ noPersist: true }, 'nowhere'],
    [{ noPersist: true, syncOnce: true }, 'nowhere'],
    [{ channelType: 2, channelId: 'x@tmp' }, 'nowhere'],
    [{ channelType: 2, channelId: 'x@tmp', syncOnce: true }, 'queue'],
    [{ channelType: 1, channelId: 'x@tmp' }, 'log'],
    [{ streamNo: 's' }, 'stream'],
    [{ streamNo: 's', noPersist: true, syncOnce: true }, 'stream'],
    [{ streamNo: 's', startsStream: true, noPersist: true }, 'log'],
  ])('%j: %s', (fields, storage) => {
    expect(storageOf(message(fields))).toBe(storage);
  });
});

describe('who gets a message', () => {
  it.each<[Partial<ImNewMessage>, string[] | null]>([
    [{}, ['u1', 'u2']],
    [{ fromUid: 'u2' }, ['u2']],
    [{ fromUid: '' }, ['u2']],
    [{ channelType: 2 }, null],
    [{ subscribers: ['u9'] }, ['u9']],
    [{ channelType: 2, subscribers: ['u9'] }, ['u9']],
  ])('%j: %j', (fields, recipients) => {
    expect(outgoing(message(fields), '1').recipients).toEqual(recipients);
  });

  it('is known with the side of the person channel that sent it', () => {
    expect(outgoing(message(), '1')).toMatchObject({ storedId: 'u2@u1', isFromLeft: false });
    expect(outgoing(message({ fromUid: 'u2', channelId: 'u1' }), '1')).toMatchObject({
      storedId: 'u2@u1',
      isFromLeft: true,
    });
  });
});
