import { describe, expect, it } from '@jest/globals';
import type { Push } from '../protocol/client-protocol.port.js';
import { REASON } from '../protocol/reason-codes.js';
import { JsonRpcProtocol } from './json-rpc.protocol.js';

const protocol = new JsonRpcProtocol();
const read = (call: unknown): unknown =>
  protocol.read(Buffer.from(typeof call === 'string' ? call : JSON.stringify(call)))[0];
const none = { noPersist: false, redDot: false, syncOnce: false, dup: false };
const push: Push = {
  messageId: '123',
  clientMsgNo: 'c',
  streamNo: '',
  streamSeq: 0,
  setting: 0,
  fromUid: 'u1',
  channelType: 1,
  expire: 0,
  timestamp: 1700000000,
  topic: '',
  payload: Buffer.from('{}'),
  noPersist: false,
  syncOnce: false,
};

describe('JsonRpcProtocol', () => {
  it('writes what the clients of this protocol expect, to the letter', () => {
    expect(protocol.connack({ requestId: 'r1', reason: REASON.success, timeDiffMs: -15 })).toBe(
      '{"jsonrpc":"2.0","id":"r1","result":{"serverVersion":5,"timeDiff":-15,"reasonCode":1,"nodeId":1}}',
    );
    expect(protocol.connack({ requestId: 'r1', reason: REASON.authFail, timeDiffMs: 0 })).toBe(
      '{"jsonrpc":"2.0","id":"r1","error":{"code":2,"message":"ReasonAuthFail"}}',
    );
    const sent = { requestId: 'r2', clientSeq: 0, messageId: '123', messageSeq: 7, reason: REASON.success };
    expect(protocol.sendack({ ...sent, header: { ...none, redDot: true } })).toBe(
      '{"jsonrpc":"2.0","id":"r2","result":{"header":{"redDot":true},"messageId":"123","messageSeq":7,"reasonCode":1}}',
    );
    expect(protocol.pong('r3')).toBe('{"jsonrpc":"2.0","id":"r3"}');
    const view = { channelId: 'u1', messageSeq: 7, redDot: true, dup: false };
    expect(protocol.recv(push, view)).toBe(
      '{"jsonrpc":"2.0","method":"recv","params":{"header":{"redDot":true},"messageId":"123","messageSeq":7,"clientMsgNo":"c","timestamp":1700000000,"channelId":"u1","channelType":1,"fromUid":"u1","payload":"e30="}}',
    );
    expect(protocol.recv(push, { ...view, redDot: false })).not.toContain('header');
    expect(protocol.recv({ ...push, streamSeq: 1 }, view)).toBeNull();
    expect(protocol.disconnect(REASON.kicked, 'login in other device')).toBe(
      '{"jsonrpc":"2.0","method":"disconnect","params":{"reasonCode":12,"reason":"login in other device"}}',
    );
  });

  it('reads the calls of a client', () => {
    expect(
      read({
        method: 'connect',
        id: 'r1',
        params: { uid: 'u1', token: 't', deviceId: 'd', deviceFlag: 1, clientTimestamp: 5 },
      }),
    ).toEqual({
      ...{ kind: 'connect', requestId: 'r1', uid: 'u1', token: 't', deviceId: 'd' },
      ...{ deviceFlag: 1, clientTimestampMs: 5, refusal: null },
    });
    expect(
      read({
        ...{ jsonrpc: '2.0', method: 'send', id: 'r2' },
        params: {
          header: { redDot: true },
          setting: { receipt: true },
          channelId: 'g',
          channelType: 2,
          payload: 'e30=',
        },
      }),
    ).toMatchObject({
      ...{ kind: 'send', requestId: 'r2', header: { ...none, redDot: true }, setting: 128, clientMsgNo: '' },
      ...{ channelId: 'g', channelType: 2, payload: Buffer.from('{}') },
    });
    expect(read({ method: 'ping', id: 'r3' })).toEqual({ kind: 'ping', requestId: 'r3' });
    expect(read({ method: 'recvack', params: { messageId: '123', messageSeq: 7 } })).toEqual({
      kind: 'recvack',
      header: none,
      messageId: '123',
      messageSeq: 7,
    });
    expect(read({ method: 'disconnect', params: {} })).toEqual({ kind: 'disconnect' });
  });

  it.each<[string, unknown, string]>([
    [
      'an unknown method',
      { method: 'nope', id: '9' },
      '{"jsonrpc":"2.0","id":"9","error":{"code":0,"message":"jsonrpc: unknown method: nope"}}',
    ],
    [
      'recvack as a call',
      { method: 'recvack', id: '9' },
      '{"jsonrpc":"2.0","id":"9","error":{"code":0,"message":"jsonrpc: unknown method: recvack"}}',
    ],
    ['no JSON', '{"method":', '{"jsonrpc":"2.0","error":{"code":0,"message":"jsonrpc: not JSON"}}'],
    [
      'an id that is a number',
      { method: 'ping', id: 1 },
      '{"jsonrpc":"2.0","error":{"code":0,"message":"jsonrpc: id must be a string"}}',
    ],
    [
      'another version',
      { jsonrpc: '1.0', method: 'ping', id: '9' },
      '{"jsonrpc":"2.0","id":"9","error":{"code":0,"message":"jsonrpc: version must be 2.0"}}',
    ],
    [
      'a payload that is an object',
      { method: 'send', id: '9', params: { payload: {} } },
      '{"jsonrpc":"2.0","id":"9","error":{"code":0,"message":"jsonrpc: payload must be a text"}}',
    ],
    [
      'a payload that is not base64',
      { method: 'send', id: '9', params: { payload: '%' } },
      '{"jsonrpc":"2.0","id":"9","error":{"code":0,"message":"jsonrpc: payload must be base64"}}',
    ],
    [
      'a text with a NUL',
      { method: 'connect', id: '9', params: { uid: 'a\0' } },
      '{"jsonrpc":"2.0","id":"9","error":{"code":0,"message":"jsonrpc: uid must be a text"}}',
    ],
    [
      'parameters that are a list',
      { method: 'send', id: '9', params: [] },
      '{"jsonrpc":"2.0","id":"9","error":{"code":0,"message":"jsonrpc: params must be an object"}}',
    ],
  ])('says what is wrong with %s', (_, call, answer) => {
    expect(read(call)).toEqual({ kind: 'unknown', answer });
  });
});
