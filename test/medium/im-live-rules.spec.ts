import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { WireWriter } from '../../apps/im-sync/src/realtime/wkproto/wire-writer.js';
import { until } from '../support/core-app.js';
import { ImJsonClient } from '../support/im-json-client.js';
import { freePort } from '../support/processes.js';
import { base64, HELLO, imDoor, refused, type ImDoor } from './im-door.fixture.js';

const MANAGER_TOKEN = 'manager-token-of-the-tests';

let door: ImDoor;
let port: number;
const clients: ImJsonClient[] = [];

beforeAll(async () => {
  port = await freePort();
  door = await imDoor({
    IM_AUTH: 'token',
    IM_MANAGER_TOKEN: MANAGER_TOKEN,
    IM_WS_PORT: String(port),
    IM_CLIENT_SENDS_PER_SECOND: '20',
  });
});
afterAll(() => door?.close());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

const call = async (path: string, body: unknown): Promise<unknown> =>
  JSON.parse(
    (
      await door.call('POST', path, {
        body: JSON.stringify(body),
        headers: { token: MANAGER_TOKEN },
      })
    ).text,
  ) as unknown;
const allow = (uid: string, more: { device_flag?: number; device_level?: number } = {}): Promise<unknown> =>
  call('/user/token', { uid, token: `token-of-${uid}`, device_flag: 1, device_level: 0, ...more });
const login = async (
  uid: string,
  more: Record<string, unknown> = {},
): Promise<Awaited<ReturnType<typeof ImJsonClient.login>>> => {
  const client = await ImJsonClient.login(port, {
    uid,
    token: `token-of-${uid}`,
    deviceId: `device-${clients.length}`,
    ...more,
  });
  clients.push(client);
  return client;
};
const enter = async (uid: string, more: Record<string, unknown> = {}): ReturnType<typeof login> => {
  const client = await login(uid, more);
  expect(client.answer.result).toMatchObject({ reasonCode: 1, serverVersion: 5 });
  return client;
};
const send = (
  client: ImJsonClient,
  channelId: string,
  channelType = 1,
  more: object = {},
): ReturnType<ImJsonClient['ask']> =>
  client.ask('send', { clientMsgNo: '', channelId, channelType, payload: HELLO, ...more });
const heard = (client: ImJsonClient, method: string, count = 1): Promise<Record<string, unknown>[]> =>
  until(
    `${count} × ${method}`,
    async () => client.heard(method),
    (seen) => seen.length >= count,
  );

const connectPacket = (uid: string): Buffer =>
  new WireWriter()
    .u8(4)
    .u8(1)
    .text('device')
    .text(uid)
    .text(`token-of-${uid}`)
    .i64(BigInt(Date.now()))
    .text(randomBytes(32).toString('base64'))
    .packet(1, 0);
/** A connection on which this is the only thing said. */
const withFrame = async (frame: Buffer): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, 'open');
  socket.send(frame);
  return socket;
};

describe('logging in', () => {
  it('needs the token that was set for this kind of device', async () => {
    expect(await allow('ann')).toEqual({ status: 200 });
    await enter('ann');
    for (const wrong of [{ token: 'guessed' }, { deviceFlag: 0 }, { uid: 'nobody' }, { uid: '' }]) {
      const client = await login('ann', wrong);
      expect(client.answer.error).toEqual({ code: 2, message: 'ReasonAuthFail' });
      expect(await client.closed).toBe(1008);
    }
  });

  it('is refused to whoever is banned, whose token is not taken either', async () => {
    await allow('outcast');
    await call('/channel/info', { channel_id: 'outcast', channel_type: 1, ban: 1 });
    expect((await login('outcast')).answer.error).toMatchObject({ code: 19 });
    expect(await allow('outcast')).toEqual({ status: 19 });
  });

  it('comes first: whatever else is said before ends the connection', async () => {
    for (const method of ['send', 'ping', 'nonsense']) {
      const client = await ImJsonClient.open(port);
      client.say({ id: '1', method, params: {} });
      expect([await client.closed, client.closeReason]).toEqual([1002, 'not connected yet']);
    }
  });

  it('may be followed at once by what the client has to say: it is answered after the login', async () => {
    await allow('eager');
    const ping = Buffer.of(0x70);
    const socket = await withFrame(Buffer.concat([connectPacket('eager'), ping]));
    const answers: Buffer[] = [];
    socket.on('message', (data: Buffer) => answers.push(data));
    await until(
      'two answers',
      async () => answers,
      (seen) => seen.length >= 2,
    );
    expect(answers.map((frame) => (frame[0] ?? 0) >> 4)).toEqual([2, 8]);
    socket.terminate();
    const client = await ImJsonClient.open(port);
    clients.push(client);
    const connect = { uid: 'eager', token: 'token-of-eager', deviceFlag: 1 };
    const [first, second] = await Promise.all([client.ask('connect', connect), client.ask('ping')]);
    expect([first.result, second.error]).toEqual([expect.objectContaining({ reasonCode: 1 }), undefined]);
    expect(client.frames.map(({ id }) => id)).toEqual(['r1', 'r2']);
    const flood = await withFrame(Buffer.concat([connectPacket('eager'), Buffer.alloc(1000, ping)]));
    const [code] = (await once(flood, 'close')) as [number];
    expect(code).toBe(1002);
  });

  it('happens once: a second one is refused, and the first one stands', async () => {
    await allow('twice');
    const client = await enter('twice');
    const again = await client.ask('connect', { uid: 'ann', token: 'token-of-ann', deviceFlag: 1 });
    expect(again).toEqual({ jsonrpc: '2.0', id: 'r2', error: { code: 0, message: 'jsonrpc: connected already' } });
    expect((await send(client, 'twice')).result).toMatchObject({ reasonCode: 1 });
  });

  it('wants what it needs named', async () => {
    expect(await call('/user/token', { uid: ' ', token: 'x' })).toEqual(refused('uid不能为空！'));
    expect(await call('/user/token', { uid: 'ann', token: '' })).toEqual(refused('token不能为空！'));
    expect(await call('/user/device_quit', { uid: '' })).toEqual(refused('uid不能为空！'));
  });
});

describe('several devices', () => {
  it('all get what others send, and of what one of them sends the others get a copy without a red dot', async () => {
    await Promise.all([allow('multi'), allow('multi', { device_flag: 2 }), allow('peer')]);
    const [web, pc, peer] = [await enter('multi'), await enter('multi', { deviceFlag: 2 }), await enter('peer')];
    await send(peer, 'multi', 1, { header: { redDot: true } });
    for (const device of [web, pc]) {
      const [message] = await heard(device, 'recv');
      expect(message).toMatchObject({ header: { redDot: true }, fromUid: 'peer', channelId: 'peer', payload: HELLO });
    }
    await send(web, 'peer', 1, { header: { redDot: true } });
    const copy = (await heard(pc, 'recv', 2))[1];
    expect(copy).toMatchObject({ fromUid: 'multi', channelId: 'peer', messageSeq: 2 });
    expect(copy).not.toHaveProperty('header');
    expect(web.heard('recv')).toHaveLength(1);
  });

  it('of one kind are ended by a master, and only of that kind', async () => {
    await Promise.all([allow('boss', { device_level: 1 }), allow('boss', { device_flag: 0 })]);
    const [first, app] = [await enter('boss'), await enter('boss', { deviceFlag: 0 })];
    const second = await enter('boss');
    expect(await heard(first, 'disconnect')).toEqual([{ reasonCode: 12, reason: 'login in other device' }]);
    await first.closed;
    expect((await app.ask('ping')).error).toBeUndefined();
    await allow('boss', { device_level: 1 }); // a new token of a master
    expect(await heard(second, 'disconnect')).toMatchObject([{ reasonCode: 12 }]);
  });

  it('that are the same one replace their own connection, without a word that would keep it away', async () => {
    await allow('same');
    const first = await enter('same', { deviceId: 'phone' });
    await enter('same', { deviceId: 'phone' });
    await first.closed;
    expect(first.heard('disconnect')).toEqual([]);
    await enter('same', { deviceId: 'tablet' });
    expect(await call('/user/onlinestatus', ['same', 'nobody'])).toEqual([{ uid: 'same', device_flag: 1, online: 1 }]);
  });

  it('leave when they are asked to, and their token opens nothing any more', async () => {
    await Promise.all([allow('gone'), allow('gone', { device_flag: 2 })]);
    const [web, pc] = [await enter('gone'), await enter('gone', { deviceFlag: 2 })];
    expect(await call('/user/device_quit', { uid: 'gone', device_flag: 1 })).toEqual({ status: 200 });
    expect(await heard(web, 'disconnect')).toMatchObject([{ reasonCode: 12 }]);
    const toldAt = performance.now();
    // Nothing is answered or delivered any more; the connection ends by itself after a while.
    await call('/message/send', { from_uid: 'a', channel_id: 'gone', channel_type: 1, payload: HELLO });
    await heard(pc, 'recv');
    expect(await web.ask('ping')).toEqual({});
    expect(performance.now() - toldAt).toBeGreaterThan(1_500);
    expect([await web.closed, web.heard('recv')]).toEqual([1000, []]);
    expect((await login('gone')).answer.error).toMatchObject({ code: 2 });
    expect((await pc.ask('ping')).error).toBeUndefined();
    await call('/user/device_quit', { uid: 'gone', device_flag: -1 });
    await pc.closed;
    await until(
      'nobody online',
      () => call('/user/onlinestatus', ['gone']),
      (seen) => JSON.stringify(seen) === '[]',
    );
  });
});

describe('what a client may send', () => {
  const group = async (id: string, more: object = {}): Promise<void> => {
    await call('/channel', { channel_id: id, channel_type: 2, subscribers: ['member', 'reader'], ...more });
  };
  const reasonOf = async (client: ImJsonClient, id: string, type = 2): Promise<unknown> =>
    (await send(client, id, type)).result?.['reasonCode'];

  beforeAll(async () => {
    for (const uid of ['member', 'reader', 'stranger', 'system']) await allow(uid);
  });

  it('depends on the channel and on its lists', async () => {
    const [member, stranger] = [await enter('member'), await enter('stranger')];
    await group('open');
    expect([await reasonOf(member, 'open'), await reasonOf(stranger, 'open')]).toEqual([1, 3]);
    await group('banned', { ban: 1 });
    expect(await reasonOf(member, 'banned')).toBe(19);
    await group('over');
    await call('/channel/delete', { channel_id: 'over', channel_type: 2 });
    expect(await reasonOf(member, 'over')).toBe(24);
    await group('choosy');
    await call('/channel/blacklist_add', { channel_id: 'choosy', channel_type: 2, uids: ['member'] });
    expect(await reasonOf(member, 'choosy')).toBe(4);
    await call('/channel/blacklist_set', { channel_id: 'choosy', channel_type: 2, uids: [] });
    await call('/channel/whitelist_add', { channel_id: 'choosy', channel_type: 2, uids: ['reader'] });
    expect(await reasonOf(member, 'choosy')).toBe(13);
    await call('/channel/blacklist_add', { channel_id: 'reader', channel_type: 1, uids: ['member'] });
    expect([await reasonOf(member, 'reader', 1), await reasonOf(stranger, 'reader', 1)]).toEqual([4, 1]);
  });

  it('does not bind system accounts', async () => {
    const system = await enter('system');
    await group('closed');
    expect(await reasonOf(system, 'closed')).toBe(3);
    await call('/user/systemuids_add', { uids: ['system'] });
    expect(await reasonOf(system, 'closed')).toBe(1);
    await call('/user/systemuids_remove', { uids: ['system'] });
    expect(await reasonOf(system, 'closed')).toBe(3);
  });

  it('is limited in pace and in form', async () => {
    const member = await enter('member');
    expect(await reasonOf(member, ' ', 1)).toBe(16);
    expect((await send(member, 'reader', 1, { payload: '' })).result).toMatchObject({ reasonCode: 9, messageId: '0' });
    const answers = await Promise.all(Array.from({ length: 60 }, () => reasonOf(member, 'paced', 3)));
    expect(new Set(answers)).toEqual(new Set([1, 22]));
    expect(answers.filter((reason) => reason === 22).length).toBeGreaterThan(10);
  });

  it('reaches subscribers as they are at that moment', async () => {
    const [member, reader, stranger] = [await enter('member'), await enter('reader'), await enter('stranger')];
    await group('moving');
    await send(member, 'moving', 2);
    await heard(reader, 'recv');
    await call('/channel/subscriber_add', { channel_id: 'moving', channel_type: 2, subscribers: ['stranger'] });
    await call('/channel/subscriber_remove', { channel_id: 'moving', channel_type: 2, subscribers: ['reader'] });
    await send(member, 'moving', 2);
    expect(await heard(stranger, 'recv')).toMatchObject([{ channelId: 'moving', channelType: 2, messageSeq: 2 }]);
    expect(reader.heard('recv')).toHaveLength(1);
  });
});

describe('a hostile or broken client', () => {
  const garbage: [string, Buffer | string][] = [
    ['bytes that are no packet', Buffer.from('ffffffffffffffff', 'hex')],
    ['a length that says more than is allowed', Buffer.from('10ffffff7f', 'hex')],
    ['a login that is cut off inside', Buffer.from('100301', 'hex')],
    ['an empty login', Buffer.from('1000', 'hex')],
    ['text that is no JSON', '{"method":'],
    ['a list', '[{"id":"1","method":"connect"}]'],
  ];
  it.each([
    ['0000', 'no such packet'],
    ['1000', 'a packet ends too early'],
    ['10ffffff7f', 'a packet is too large'],
  ])('is told why it lost its connection: %s', async (packet, reason) => {
    const client = await ImJsonClient.open(port);
    client.socket.send(Buffer.from(packet, 'hex'));
    expect([await client.closed, client.closeReason]).toEqual([1002, reason]);
  });

  it.each(garbage)('loses its own connection by %s, and no other', async (_, frame) => {
    await allow('calm');
    const calm = await enter('calm');
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    socket.send(frame);
    await closed;
    expect((await calm.ask('ping')).error).toBeUndefined();
  });

  it('does not get a frame larger than any packet in', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(socket, 'open');
    const closed = once(socket, 'close') as Promise<[number]>;
    socket.on('error', () => undefined);
    socket.send(Buffer.alloc(3 * 1024 * 1024));
    expect([1006, 1009]).toContain((await closed)[0]);
  });

  it('that says nothing is let go after a moment', async () => {
    const client = await ImJsonClient.open(port);
    expect(await client.closed).toBe(1006);
  });

  it('that asks for something else is told what this port speaks', async () => {
    const socket: Socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 426 /);
    socket.destroy();
  });

  it('that does not read is cut off, while others get everything', async () => {
    await Promise.all(['deaf', 'keen'].map((uid) => allow(uid)));
    const [deaf, keen] = [await enter('deaf'), await enter('keen')];
    await call('/channel', { channel_id: 'loud', channel_type: 2, subscribers: ['deaf', 'keen'] });
    deaf.socket.pause();
    const payload = base64('x'.repeat(200_000));
    const isOnline = async (uid: string): Promise<boolean> =>
      ((await call('/user/onlinestatus', [uid])) as unknown[]).length > 0;
    let sent = 0;
    while (sent < 200 && (await isOnline('deaf'))) {
      for (const until = sent + 10; sent < until; sent += 1)
        await call('/message/send', { from_uid: 'a', channel_id: 'loud', channel_type: 2, payload });
    }
    expect(await isOnline('deaf')).toBe(false);
    expect((await heard(keen, 'recv', sent)).map(({ messageSeq }) => messageSeq)).toEqual(
      Array.from({ length: sent }, (_, i) => i + 1),
    );
  });
});

describe('where to connect', () => {
  it('is told one by one and for many', async () => {
    const addresses = { tcp_addr: '', ws_addr: `ws://127.0.0.1:${port}`, wss_addr: '' };
    const { body } = await door.call('GET', '/route?uid=ann', { headers: { token: MANAGER_TOKEN } });
    expect(body).toEqual(addresses);
    expect(await call('/route/batch', ['ann', 'bob'])).toEqual([{ ...addresses, uids: ['ann', 'bob'] }]);
    expect(await call('/route/batch', 'ann')).toMatchObject({ status: 400 });
  });
});
