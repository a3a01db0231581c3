import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { HOLD_VERSIONS } from '../../libs/entities/src/im/im-version.sql.js';
import type { Answer, Method } from '../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../support/whole-center.js';

const HELLO = Buffer.from('{"type":1,"content":"hello"}').toString('base64');
const RED = { red_dot: 1 };

let mc: WholeCenter;
beforeAll(async () => {
  mc = await wholeCenter({ IM_AUTH: 'none', IM_WS_PORT: '0' });
});
afterAll(async () => {
  await mc?.close();
});

interface Recent {
  message_seq: number;
  channel_id: string;
}
interface Conversation {
  channel_id: string;
  channel_type: number;
  unread: number;
  timestamp: number;
  last_msg_seq: number;
  last_client_msg_no: string;
  offset_msg_seq: number;
  version: number;
  recents: Recent[] | null;
}

let made = 0;
/** Nobody and nothing of another test. */
const fresh = (what: string): string => `${what}${++made}`;

async function ok(method: Method, path: string, body?: object): Promise<Answer> {
  const answer = await mc.call(method, path, body === undefined ? {} : { body });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer;
}

const done = { status: 200 };
const send = (from_uid: string, channel_id: string, channel_type: number, more: object = {}): Promise<Answer> =>
  ok('POST', '/message/send', { header: RED, from_uid, channel_id, channel_type, payload: HELLO, ...more });

async function group(...subscribers: string[]): Promise<string> {
  const channel_id = fresh('g');
  await ok('POST', '/channel', { channel_id, channel_type: 2, subscribers });
  return channel_id;
}

const sync = async (uid: string, more: object = {}): Promise<Conversation[]> =>
  (await ok('POST', '/conversation/sync', { uid, version: 0, msg_count: 0, ...more })).body as Conversation[];

/** Unread by channel id. */
const unread = async (uid: string): Promise<Record<string, number>> =>
  Object.fromEntries((await sync(uid)).map(({ channel_id, unread }) => [channel_id, unread]));

const clear = (uid: string, channel_id: string, channel_type: number, more: object = {}): Promise<Answer> =>
  ok('POST', '/conversations/clearUnread', { uid, channel_id, channel_type, ...more });

describe('/conversation/sync', () => {
  it('shows both sides of a person channel each other, and counts what the other one sent', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    await send(a, b, 1);
    await send(a, b, 1, { client_msg_no: 'second' });
    const answer = await ok('POST', '/conversation/sync', { uid: b, version: 0, last_msg_seqs: '', msg_count: 1 });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const [conversation] = answer.body as Conversation[];
    expect(Object.entries(conversation ?? {})).toEqual([
      ['channel_id', a],
      ['channel_type', 1],
      ['unread', 2],
      ['timestamp', expect.any(Number)],
      ['last_msg_seq', 2],
      ['last_client_msg_no', 'second'],
      ['offset_msg_seq', 0],
      ['version', expect.any(Number)],
      ['recents', [expect.objectContaining({ message_seq: 2, from_uid: a, channel_id: b })]],
    ]);
    expect(answer.text).toMatch(/"message_id":\d{15,},/);
    expect(await sync(a)).toMatchObject([{ channel_id: b, unread: 0, last_msg_seq: 2, recents: null }]);
  });

  it('of a message from nobody shows the receiver that nobody wrote', async () => {
    const b = fresh('u');
    await send('', b, 1);
    expect(await sync(b, { msg_count: 1 })).toMatchObject([
      { channel_id: '', unread: 1, recents: [{ channel_id: b }] },
    ]);
  });

  it('counts no own messages in a group, and none without a red dot', async () => {
    const [a, b, c] = [fresh('u'), fresh('u'), fresh('u')];
    const g = await group(a, b, c);
    await send(a, g, 2);
    await send(b, g, 2);
    await send(b, g, 2, { header: { red_dot: 0 } });
    expect(await Promise.all([a, b, c].map(unread))).toEqual([{ [g]: 1 }, { [g]: 1 }, { [g]: 2 }]);
    expect(await sync(c)).toMatchObject([{ last_msg_seq: 3 }]);
  });

  it('knows nothing of what is not in the log of a channel', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    await send(a, b, 1, { header: { red_dot: 1, no_persist: 1 } });
    await send(a, b, 1, { header: { red_dot: 1, sync_once: 1 } });
    expect([await sync(a), await sync(b)]).toEqual([[], []]);
  });

  it('counts a message to a part of a channel for that part only', async () => {
    const [a, b, c, guest] = [fresh('u'), fresh('u'), fresh('u'), fresh('u')];
    const g = await group(a, b, c);
    await send(a, g, 2, { subscribers: [a, b, guest] });
    expect(await sync(b)).toMatchObject([{ channel_id: g, unread: 1, last_msg_seq: 1 }]);
    expect(await sync(guest)).toMatchObject([{ channel_id: g, unread: 1, last_msg_seq: 1 }]);
    expect(await sync(a)).toMatchObject([{ channel_id: g, unread: 0, last_msg_seq: 1 }]);
    expect(await sync(c)).toEqual([]);
    await send(a, g, 2);
    expect(await Promise.all([b, c, guest].map(unread))).toEqual([{ [g]: 2 }, { [g]: 1 }, { [g]: 1 }]);
    await clear(b, g, 2);
    expect(await unread(b)).toEqual({ [g]: 0 });
    await ok('POST', '/channel/subscriber_add', { channel_id: g, channel_type: 2, subscribers: [guest] });
    expect(await unread(guest)).toEqual({ [g]: 1 });
    await send(a, g, 2);
    expect(await unread(guest)).toEqual({ [g]: 2 });
  });

  it('gives the latest messages, newest first, and only those that the client does not have', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    const g = await group(a, b);
    for (let i = 0; i < 5; i++) await send(a, g, 2);
    await send(a, b, 1);
    const recents = async (more: object): Promise<Record<string, number[]>> =>
      Object.fromEntries(
        (await sync(b, more)).map((one) => [one.channel_id, (one.recents ?? []).map(({ message_seq }) => message_seq)]),
      );
    expect(await recents({ msg_count: 3 })).toEqual({ [g]: [5, 4, 3], [a]: [1] });
    expect(await recents({ msg_count: 3, last_msg_seqs: `${g}:2:4|${a}:1:1` })).toEqual({ [g]: [5], [a]: [] });
    expect(await recents({ msg_count: 9, last_msg_seqs: `${a}:2:4|broken` })).toEqual({
      [g]: [5, 4, 3, 2, 1],
      [a]: [1],
    });
  });

  it('lists the newest first, and after a version only what has changed since', async () => {
    const [me, a, b] = [fresh('u'), fresh('u'), fresh('u')];
    await send(a, me, 1);
    await send(b, me, 1);
    await mc.rows('UPDATE im_channel SET conv_at = conv_at - 60 WHERE channel_id LIKE $1', [`%${a}%`]);
    const all = await sync(me);
    expect(all.map(({ channel_id }) => channel_id)).toEqual([b, a]);
    let version = Math.max(...all.map((one) => one.version));
    const changed = async (): Promise<string[]> => {
      const list = await sync(me, { version });
      version = Math.max(version, ...list.map((one) => one.version));
      return list.map(({ channel_id }) => channel_id);
    };
    expect(await changed()).toEqual([]);
    await send(a, me, 1);
    expect(await changed()).toEqual([a]);
    expect(await changed()).toEqual([]);
    await clear(me, b, 1);
    expect(await changed()).toEqual([b]);
    expect(await changed()).toEqual([]);
  });

  it.each([0, 60])(
    'lists a conversation again rather than never, while something may still get a smaller version, for %i s already',
    async (heldS) => {
      const [me, a] = [fresh('u'), fresh('u')];
      const writer = new Client({ connectionString: mc.databaseUrl });
      await writer.connect();
      // A message from another process, whose commit takes a while.
      await writer.query('BEGIN');
      await writer.query(
        `SELECT ${HOLD_VERSIONS.replace('clock_timestamp()', `clock_timestamp() - interval '${heldS} s'`)}`,
      );
      await send(a, me, 1);
      // Of half the time since: it was committed long ago.
      await mc.rows(
        'UPDATE im_channel SET conv_version = conv_version - $1 WHERE channel_key IN (SELECT channel_key FROM im_conversation WHERE uid = $2)',
        [heldS * 500, me],
      );
      const [meanwhile] = await sync(me);
      expect(await sync(me, { version: meanwhile?.version })).toHaveLength(1);
      await writer.query('ROLLBACK');
      await writer.end();
      const [after] = await sync(me);
      expect(await sync(me, { version: after?.version })).toEqual([]);
    },
  );

  it('does not list again what was there before anybody who still may get a version', async () => {
    const [me, a] = [fresh('u'), fresh('u')];
    await send(a, me, 1);
    await mc.rows(
      'UPDATE im_channel SET conv_version = conv_version - 2000 WHERE channel_key IN (SELECT channel_key FROM im_conversation WHERE uid = $1)',
      [me],
    );
    const writer = new Client({ connectionString: mc.databaseUrl });
    await writer.connect();
    await writer.query('BEGIN');
    await writer.query(`SELECT ${HOLD_VERSIONS}`);
    const [before] = await sync(me);
    expect(await sync(me, { version: before?.version })).toEqual([]);
    await writer.end();
  });

  it('answers an empty list where there is none, also for nobody', async () => {
    expect(await sync(fresh('u'))).toEqual([]);
    expect((await ok('POST', '/conversation/sync', {})).text).toBe('[]');
  });
});

describe('large channels and info channels', () => {
  it('make no conversations; what the client names of them comes along', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    const [large, info] = [fresh('l'), fresh('i')];
    await ok('POST', '/channel', { channel_id: large, channel_type: 2, large: 1, subscribers: [a, b] });
    await ok('POST', '/channel', { channel_id: info, channel_type: 6, subscribers: [a, b] });
    for (let i = 0; i < 3; i++) await send(a, large, 2);
    await send(a, info, 6);
    expect(await sync(b)).toEqual([]);
    const larges = [{ channel_id: large, channel_type: 2 }];
    expect(await sync(b, { larges })).toEqual([]);
    expect(await sync(b, { larges, msg_count: 2, last_msg_seqs: `${large}:2:2` })).toMatchObject([
      {
        channel_id: large,
        channel_type: 2,
        unread: 0,
        timestamp: 0,
        last_msg_seq: 0,
        version: 0,
        recents: [{ message_seq: 3 }],
      },
    ]);
  });

  it('keep the place that the client says', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    const large = fresh('l');
    await ok('POST', '/channel', { channel_id: large, channel_type: 2, large: 1, subscribers: [a, b] });
    for (let i = 0; i < 3; i++) await send(a, large, 2);
    await clear(b, large, 2);
    expect(await sync(b)).toEqual([]);
    await clear(b, large, 2, { message_seq: 2 });
    expect(await sync(b)).toMatchObject([{ channel_id: large, unread: 0, last_msg_seq: 2 }]);
    await clear(b, large, 2, { message_seq: 3 });
    expect(await sync(b)).toMatchObject([{ last_msg_seq: 3 }]);
  });
});

describe('who comes and who goes', () => {
  it('a subscriber has nothing unread of what was said before, and no conversation until something is said', async () => {
    const [a, late] = [fresh('u'), fresh('u')];
    const g = await group(a);
    await send(a, g, 2);
    await ok('POST', '/channel/subscriber_add', { channel_id: g, channel_type: 2, subscribers: [late] });
    expect(await sync(late)).toEqual([]);
    await send(a, g, 2);
    expect(await unread(late)).toEqual({ [g]: 1 });
  });

  it('who is removed has no conversation any more, nor has who is not among the new ones', async () => {
    const [a, b, c] = [fresh('u'), fresh('u'), fresh('u')];
    const g = await group(a, b, c);
    await send(a, g, 2);
    await ok('POST', '/channel/subscriber_remove', { channel_id: g, channel_type: 2, subscribers: [b] });
    expect(await sync(b)).toEqual([]);
    await ok('POST', '/channel/subscriber_add', { channel_id: g, channel_type: 2, reset: 1, subscribers: [a, b] });
    await send(a, g, 2);
    expect(await Promise.all([a, b, c].map(unread))).toEqual([{ [g]: 0 }, { [g]: 1 }, {}]);
  });
});

describe('/conversations', () => {
  it('/clearUnread, /setUnread and /delete change the own conversation alone', async () => {
    const [a, b, c] = [fresh('u'), fresh('u'), fresh('u')];
    const g = await group(a, b, c);
    for (let i = 0; i < 3; i++) await send(a, g, 2);
    for (let i = 0; i < 2; i++) await send(a, b, 1);
    expect((await clear(b, g, 2)).body).toEqual(done);
    expect((await clear(b, a, 1)).body).toEqual(done);
    expect(await unread(b)).toEqual({ [g]: 0, [a]: 0 });
    expect(await unread(c)).toEqual({ [g]: 3 });
    for (const [channel_id, channel_type] of [
      [g, 2],
      [a, 1],
    ]) {
      expect(
        (await ok('POST', '/conversations/setUnread', { uid: b, channel_id, channel_type, unread: 7 })).body,
      ).toEqual(done);
    }
    await send(a, g, 2);
    expect(await unread(b)).toEqual({ [g]: 8, [a]: 7 });
    expect((await ok('POST', '/conversations/delete', { uid: b, channel_id: g, channel_type: 2 })).body).toEqual(done);
    await ok('POST', '/conversations/delete', { uid: b, channel_id: a, channel_type: 1 });
    expect(await sync(b)).toEqual([]);
    await send(a, g, 2);
    await send(a, b, 1, { header: { red_dot: 0 } });
    expect(await unread(b)).toEqual({ [g]: 1, [a]: 0 });
  });

  it('do nothing about a conversation that is not there', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    const g = await group(a, b);
    for (const channel_id of [g, fresh('g')]) {
      await clear(b, channel_id, 2);
      await clear(b, channel_id, 2, { message_seq: 5 });
      await ok('POST', '/conversations/setUnread', { uid: b, channel_id, channel_type: 2, unread: 3 });
      await ok('POST', '/conversations/delete', { uid: b, channel_id, channel_type: 2 });
    }
    expect(await sync(b)).toEqual([]);
    await send(a, g, 2);
    expect(await unread(b)).toEqual({ [g]: 1 });
  });

  const NO_CHANNEL = 'channel_id or channel_type cannot be empty';
  it.each<[string, object, string]>([
    ['clearUnread', { channel_id: 'g', channel_type: 2 }, 'uid cannot be empty'],
    ['clearUnread', { uid: 'u', channel_type: 2 }, NO_CHANNEL],
    ['clearUnread', { uid: 'u', channel_id: 'g', channel_type: 0 }, NO_CHANNEL],
    ['setUnread', { channel_id: 'g', channel_type: 2, unread: 1 }, 'UID cannot be empty'],
    ['setUnread', { uid: 'u', channel_id: 'g', unread: 1 }, NO_CHANNEL],
    ['delete', { channel_id: 'g', channel_type: 2 }, 'Uid cannot be empty'],
    ['delete', { uid: 'u', channel_id: '', channel_type: 2 }, NO_CHANNEL],
  ])('/%s of %j is refused: %s', async (path, body, msg) => {
    const answer = await mc.call('POST', `/conversations/${path}`, { body });
    expect([answer.status, answer.body]).toEqual([400, { msg, status: 400 }]);
  });

  it.each([
    ['/conversation/sync', '{"uid":1}'],
    ['/conversation/sync', '{"larges":[{"channel_type":"2"}]}'],
    ['/conversation/syncMessages', '{"channels":{}}'],
    ['/conversations/clearUnread', '{"uid":'],
    ['/conversations/setUnread', '{"uid":"u","channel_id":"g","channel_type":2,"unread":"1"}'],
    ['/conversations/delete', '{"uid":"u","channel_id":"g","channel_type":256}'],
  ])('%s refuses what is malformed: %s', async (path, body) => {
    const answer = await mc.call('POST', path, { body });
    expect([answer.status, answer.body]).toEqual([400, { msg: expect.any(String), status: 400 }]);
  });

  it('GET lists them with their last message', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    await send(a, b, 1);
    const answer = await ok('GET', `/conversations?uid=${b}`);
    expect(answer.body).toEqual([
      {
        channel_id: a,
        channel_type: 1,
        unread: 1,
        timestamp: expect.any(Number),
        last_message: expect.objectContaining({ message_seq: 1, from_uid: a }),
      },
    ]);
    expect(answer.text).toMatch(/"message_id":\d{15,},/);
    const refused = await mc.call('GET', '/conversations?uid=');
    expect([refused.status, refused.body]).toEqual([400, { msg: 'uid cannot be empty', status: 400 }]);
  });
});

describe('/conversation/syncMessages', () => {
  it('gives the latest messages of each channel, 15 where not said', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    const g = await group(a, b);
    for (let i = 0; i < 17; i++) await send(a, g, 2);
    await send(a, b, 1);
    const channels = [
      { channel_id: g, channel_type: 2, last_msg_seq: 0 },
      { channel_id: a, channel_type: 1 },
      { channel_id: fresh('g'), channel_type: 2 },
    ];
    const ask = async (more: object): Promise<{ messages: Recent[] }[]> =>
      (await ok('POST', '/conversation/syncMessages', { uid: b, channels, ...more })).body;
    const seqs = (answer: { messages: Recent[] }[]): number[][] =>
      answer.map(({ messages }) => messages.map(({ message_seq }) => message_seq));
    expect(seqs(await ask({}))).toEqual([Array.from({ length: 15 }, (_, i) => 17 - i), [1], []]);
    expect(seqs(await ask({ msg_count: 2 }))).toEqual([[17, 16], [1], []]);
    expect((await ok('POST', '/conversation/syncMessages', { uid: b })).body).toEqual([]);
  });

  it('ends where the answer is full: 16 MiB of payloads, and the message that passes it', async () => {
    const [a, b] = [fresh('u'), fresh('u')];
    const g = await group(a, b);
    const payload = Buffer.alloc(6 * 1024 * 1024, 7).toString('base64');
    for (let i = 0; i < 4; i++) await send(a, g, 2, { payload });
    const small = await group(a, b);
    await send(a, small, 2);
    const channels = [g, small].map((channel_id) => ({ channel_id, channel_type: 2 }));
    const { body } = await ok('POST', '/conversation/syncMessages', { uid: b, channels });
    expect((body as { messages: Recent[] }[]).map(({ messages }) => messages.length)).toEqual([3, 0]);
  });
});

describe('at the same time', () => {
  it('what is sent and what is read add up', async () => {
    const members = [fresh('u'), fresh('u'), fresh('u')];
    const [reader = '', ...others] = members;
    const g = await group(...members);
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        await send(members[i % 3] ?? '', g, 2);
        await clear(reader, g, 2);
      }),
    );
    await clear(reader, g, 2);
    expect(await unread(reader)).toEqual({ [g]: 0 });
    // 40 messages: 14 of the first, 13 of each of the others.
    expect(await Promise.all(others.map(unread))).toEqual([{ [g]: 27 }, { [g]: 27 }]);
  });

  it('whoever reads while he alone writes has never anything unread', async () => {
    const [me, other] = [fresh('u'), fresh('u')];
    const g = await group(me, other);
    const seen: number[] = [];
    await Promise.all(
      Array.from({ length: 30 }, async () => {
        await Promise.all([send(me, g, 2), clear(me, g, 2)]);
        seen.push((await unread(me))[g] ?? 0);
      }),
    );
    expect(new Set(seen)).toEqual(new Set([0]));
  });
});
