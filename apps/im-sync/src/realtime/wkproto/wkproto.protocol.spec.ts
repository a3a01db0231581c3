import { createPrivateKey, diffieHellman, createPublicKey } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Push } from '../protocol/client-protocol.port.js';
import { REASON } from '../protocol/reason-codes.js';
import { readSend, signedPartOf } from './client-packets.js';
import { cipherKeyOf, PacketCipher } from './packet-cipher.js';
import { PacketSplitter } from './packet-splitter.js';
import type { RawPacket } from './packet-types.js';
import { writeConnack, writeRecv, writeSendack } from './server-packets.js';
import { WireWriter } from './wire-writer.js';
import { WkProtocol } from './wkproto.protocol.js';

/** Recorded at the server whose protocol this is; the client's private key is the bytes 01 to 20. */
const V2 = {
  serverKey: 'Z/f/xjeR0zeVaKFN97nyzIkW4vRPAber7BncZH+HyA8=',
  salt: 'ATksrUpWLjcSEw7K',
  shared: 'TIJ+F6BSNCcJFHObRpoKzfeHlMHP0XVyuWv0xwRmRVU=',
  key: '878d3b2c81282328',
  connack:
    '2049000000000000000801002c5a2f662f786a6552307a6556614b464e39376e797a496b57347652504162657237426e635a482b487941383d001041546b73725570574c6a63534577374b',
  recv: '527500002038643862333335323638336464323331626466653661326331656562313264360005616c6963650005616c696365010005636d6e2d311d7b69c397c00000000000016b029cb0754f6d6d6a6a696a7638384833544e6a786b49374b4e6c7039755730533344705053757367537249634c513d',
  send: '326200000000070005636d6e2d320005616c6963650100203463663830653663376639616639643666616661363466393861636561636664754f6d6d6a6a696a7638384833544e6a786b49374b41784b7552474c737a734a665a5a4877644666326b773d',
  sendack: '42111d7b69c399400000000000070000000201',
};
const V5 = {
  serverKey: 'D4Kj04V85/jFXoddQNCNVs14nbZHaO2/MpDRqygA3yo=',
  salt: 'PxFcDTpf3kGEVaLN',
  key: 'b6b2ee38dbd8c494',
  connack:
    '215204000000000000000201002c44344b6a30345638352f6a46586f6464514e434e567331346e625a48614f322f4d7044527179674133796f3d00105078466344547066336b474556614c4e0000000000000000',
  recv: '527900002039303063303263656361346333383464376332363163646234356364343737610005616c6963650005616c696365010000003c0005636d6e2d311d7b69c39b400000000000016b029cb04157786f73635171662f4c6d6c74514755726e4956674938644b316b63386f5165434434464b72635939513d',
};
const CLIENT_KEY = 'B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=';

const header = { noPersist: false, redDot: true, syncOnce: false, dup: false };
const push = (more: Partial<Push> = {}): Push => ({
  messageId: '2124407938020802560',
  clientMsgNo: 'cmn-1',
  streamNo: '',
  streamSeq: 0,
  setting: 0,
  fromUid: 'alice',
  channelType: 1,
  expire: 0,
  timestamp: 1795333296,
  topic: '',
  payload: Buffer.from('{"type":1,"content":"hi"}'),
  noPersist: false,
  syncOnce: false,
  ...more,
});
const view = { channelId: 'alice', messageSeq: 1, redDot: true, dup: false };

const connectPacket = (version: number, clientKey = CLIENT_KEY): Buffer =>
  new WireWriter()
    .u8(version)
    .u8(1)
    .text('device')
    .text('alice')
    .text('token')
    .i64(1_700_000_000_000n)
    .text(clientKey)
    .packet(1, 0);

describe('WKProto, as recorded', () => {
  it('comes to the key both sides share', () => {
    const der = (prefix: string, key: Buffer): Buffer => Buffer.concat([Buffer.from(prefix, 'hex'), key]);
    const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => i + 1));
    const shared = diffieHellman({
      privateKey: createPrivateKey({
        key: der('302e020100300506032b656e04220420', seed),
        format: 'der',
        type: 'pkcs8',
      }),
      publicKey: createPublicKey({
        key: der('302a300506032b656e032100', Buffer.from(V2.serverKey, 'base64')),
        format: 'der',
        type: 'spki',
      }),
    });
    expect(shared.toString('base64')).toBe(V2.shared);
    expect(cipherKeyOf(shared)).toBe(V2.key);
  });

  it.each([
    ['2', { version: 2, serverVersion: 2, timeDiffMs: 8, nodeId: 0 }, V2],
    ['5', { version: 5, serverVersion: 4, timeDiffMs: 2, nodeId: 0 }, V5],
  ] as const)('writes CONNACK of version %s', (_, fields, { serverKey, salt, connack }) => {
    expect(writeConnack({ ...fields, reason: REASON.success, serverKey, salt }).toString('hex')).toBe(connack);
  });

  it('refuses with an empty key and no flag, whatever the version', () => {
    const refused = { serverVersion: 5, timeDiffMs: 0, reason: REASON.authFail, serverKey: '', salt: '', nodeId: 1 };
    expect(writeConnack({ ...refused, version: 2 }).toString('hex')).toBe('200d' + '00'.repeat(8) + '02' + '00000000');
    expect(writeConnack({ ...refused, version: 5 }).toString('hex')).toBe(
      '2015' + '00'.repeat(8) + '02' + '00000000' + '00'.repeat(8),
    );
  });

  it('writes RECV of versions 2 and 5', () => {
    expect(writeRecv(push(), view, 2, new PacketCipher(V2.key, V2.salt))?.toString('hex')).toBe(V2.recv);
    const withExpiry = push({ messageId: '2124407938079522816', expire: 60 });
    expect(writeRecv(withExpiry, view, 5, new PacketCipher(V5.key, V5.salt))?.toString('hex')).toBe(V5.recv);
  });

  it('reads SEND and believes its signature', () => {
    const [packet] = new PacketSplitter().push(Buffer.from(V2.send, 'hex'));
    if (!packet) throw new Error('no packet');
    const send = readSend(packet, 2);
    expect(send).toMatchObject({ clientSeq: 7, clientMsgNo: 'cmn-2', channelId: 'alice', channelType: 1, expire: 0 });
    const cipher = new PacketCipher(V2.key, V2.salt);
    expect(cipher.sign(signedPartOf(send))).toBe(send.msgKey);
    expect(cipher.decrypt(send.wirePayload)?.toString()).toBe('{"type":1,"content":"yo"}');
  });

  it('writes SENDACK and PONG', () => {
    const sendack = { header, messageId: '2124407938045968384', clientSeq: 7, messageSeq: 2, reason: REASON.success };
    expect(writeSendack(sendack).toString('hex')).toBe(V2.sendack);
    expect(new WkProtocol().pong()).toEqual(Buffer.from('80', 'hex'));
  });
});

describe('a packet that comes in pieces', () => {
  afterEach(() => void jest.restoreAllMocks());

  /** Bytes of all buffers that are made meanwhile. */
  function bytesMadeBy(act: () => void): number {
    const makers = [jest.spyOn(Buffer, 'allocUnsafe'), jest.spyOn(Buffer, 'concat'), jest.spyOn(Buffer, 'from')];
    act();
    const made = makers.flatMap(({ mock }) => mock.results).map(({ value }) => (value as Buffer).length);
    return made.reduce((sum, length) => sum + length, 0);
  }

  it('is copied a few times in all, however small they are', () => {
    const packet = new WireWriter().ascii('x'.repeat(20_000)).packet(3, 0);
    const pieces = [...packet].map((byte) => Buffer.of(byte));
    const splitter = new PacketSplitter();
    const packets: RawPacket[] = [];
    const made = bytesMadeBy(() => {
      for (const piece of pieces) packets.push(...splitter.push(piece));
    });
    expect(packets.map(({ body }) => body.toString())).toEqual(['x'.repeat(20_000)]);
    expect(made).toBeLessThan(4 * packet.length);
  });

  it('is whole wherever it is cut, and what was read before stays as it is', () => {
    const bodies = ['a'.repeat(300), '', 'b', 'c'.repeat(5_000), 'd'.repeat(127)];
    const bytes = Buffer.concat(bodies.map((body) => new WireWriter().ascii(body).packet(3, 0)));
    for (const size of [1, 2, 3, 7, 128, 301, 302, 303, 304, 305, 2_000, bytes.length]) {
      const splitter = new PacketSplitter();
      const packets: RawPacket[] = [];
      for (let at = 0; at < bytes.length; at += size) packets.push(...splitter.push(bytes.subarray(at, at + size)));
      expect(packets.map(({ body }) => body.toString())).toEqual(bodies);
    }
  });
});

describe('WkProtocol', () => {
  /** Both ends of a connection: ours, and what a client would come to. */
  function connected(version: number): WkProtocol {
    const protocol = new WkProtocol();
    const [connect] = protocol.read(connectPacket(version));
    expect(connect).toEqual({
      kind: 'connect',
      requestId: null,
      deviceFlag: 1,
      deviceId: 'device',
      uid: 'alice',
      token: 'token',
      clientTimestampMs: 1_700_000_000_000,
      refusal: null,
    });
    protocol.connack({ requestId: null, reason: REASON.success, timeDiffMs: 0 });
    return protocol;
  }

  it('reads several packets of one frame, and one of several frames', () => {
    const protocol = connected(5);
    const ping = Buffer.from('70', 'hex');
    const recvack = new WireWriter().i64(-5n).u32(9).packet(6, 0b0110);
    expect(protocol.read(Buffer.concat([ping, recvack, ping])).map(({ kind }) => kind)).toEqual([
      'ping',
      'recvack',
      'ping',
    ]);
    const pieces = [...recvack].map((byte) => protocol.read(Buffer.of(byte)));
    expect(pieces.slice(0, -1)).toEqual(Array.from({ length: recvack.length - 1 }, () => []));
    expect(pieces.at(-1)).toEqual([
      {
        kind: 'recvack',
        header: { noPersist: false, redDot: true, syncOnce: true, dup: false },
        messageId: '-5',
        messageSeq: 9,
      },
    ]);
  });

  it('takes a message of another key, or one that was changed, for undecodable', () => {
    const protocol = connected(2);
    const [send] = protocol.read(Buffer.from(V2.send, 'hex'));
    expect(send).toMatchObject({ kind: 'send', clientMsgNo: 'cmn-2', payload: null });
  });

  it('takes a message that says it is not enciphered as it is', () => {
    const packet = new WireWriter()
      .u8(1 << 4)
      .u32(1)
      .text('no')
      .text('bob')
      .u8(1)
      .text('')
      .ascii('plain');
    const [send] = connected(2).read(packet.packet(3, 0));
    expect(send).toMatchObject({ kind: 'send', setting: 0, payload: Buffer.from('plain') });
  });

  it('refuses a missing key and one that is none', () => {
    expect(new WkProtocol().read(connectPacket(2, ''))).toMatchObject([{ refusal: REASON.noClientKey }]);
    expect(new WkProtocol().read(connectPacket(2, 'AAAA'))).toMatchObject([{ refusal: REASON.authFail }]);
    const weakPoint = Buffer.alloc(32).toString('base64');
    expect(new WkProtocol().read(connectPacket(2, weakPoint))).toMatchObject([{ refusal: REASON.authFail }]);
  });

  it('shows streams to the versions that know them, and single pieces to no other', () => {
    const piece = push({ streamNo: 's1', streamSeq: 3, setting: 4 });
    const cipher = new PacketCipher(V2.key, V2.salt);
    expect(writeRecv(piece, view, 2, cipher)?.includes(Buffer.from('0002' + '7331' + '00000003' + '01', 'hex'))).toBe(
      true,
    );
    expect(writeRecv(piece, view, 5, cipher)).toBeNull();
    expect(writeRecv(push({ streamNo: 's1', setting: 4 }), view, 5, cipher)?.[2]).toBe(0);
  });

  it.each<[string, string]>([
    ['a length that does not end', '30ffffffffff'],
    ['a packet of more than 1 MiB', '30ffffff7f'],
    ['a packet of no known type', 'f000'],
    ['a body that ends too early', '300100'],
    ['a text that is longer than its packet', '1004050100ff'],
    ['a text with a NUL', '10080501000200000000'],
    ['a text that is not UTF-8', '1009050100020' + '0ff00000000'],
  ])('gives up on %s', (_, hex) => {
    expect(() => new WkProtocol().read(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ name: 'ProtocolError' }),
    );
  });

  it('gives up on a second CONNECT', () => {
    expect(() => connected(5).read(connectPacket(5))).toThrow('connected already');
  });

  it('survives any bytes with an answer or a ProtocolError', () => {
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = Buffer.from(
        Array.from({ length: round % 64 }, (_, i) => (round * 2654435761 + i * 40503) >>> (i % 13)),
      );
      try {
        new WkProtocol().read(bytes);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ProtocolError' });
      }
    }
  });
});
