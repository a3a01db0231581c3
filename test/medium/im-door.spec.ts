import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Metrics } from '#platform';
import { HELLO, base64, imDoor, refused, type ImDoor, type Shown } from './im-door.fixture.js';

let door: ImDoor;
let n = 0;
/** Of this test alone. */
let group: string;
let alice: string;
let bob: string;
beforeAll(async () => {
  door = await imDoor();
});
afterAll(() => door?.close());
beforeEach(() => {
  n++;
  [group, alice, bob] = [`group${n}`, `alice${n}`, `bob${n}`];
});

const toGroup = (fields: object = {}): object => ({ from_uid: alice, channel_id: group, channel_type: 2, ...fields });
const toBob = (fields: object = {}): object => ({ from_uid: alice, channel_id: bob, channel_type: 1, ...fields });
const subscribe = (...subscribers: string[]): Promise<unknown> =>
  door.post('/channel/subscriber_add', { channel_id: group, channel_type: 2, subscribers });
const seqs = (messages: readonly Shown[]): number[] => messages.map(({ message_seq }) => message_seq);

describe('POST /message/send', () => {
  it('is counted', async () => {
    const metrics = door.app.get(Metrics, { strict: false });
    const accepted = async (): Promise<number> =>
      Number(/mc_accepted_total\{door="im"\} (\d+)/.exec(await metrics.exposition())?.[1] ?? 0);
    const before = await accepted();
    await door.send(toGroup());
    await door.send(toBob());
    expect((await accepted()) - before).toBe(2);
  });

  it('answers id and seq in the envelope, the id as a raw integer', async () => {
    const answer = await door.post('/message/send', { ...toGroup(), payload: HELLO });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(answer.text).toMatch(
      /^\{"data":\{"client_msg_no":"[0-9a-f]{32}0","message_id":\d{19},"message_seq":1\},"status":200\}$/,
    );
  });

  it('is shown with every field, in the order of the published interface', async () => {
    const fields = toGroup({ header: { red_dot: 1 }, client_msg_no: 'c1', expire: 3600, payload: HELLO });
    const sent = await door.send(fields);
    const { text } = await door.post('/channel/messagesync', { channel_id: group, channel_type: 2, limit: 1 });
    const timestamp = /"timestamp":(\d{10}),/.exec(text)?.[1] ?? '';
    expect(text).toBe(
      '{"start_message_seq":0,"end_message_seq":0,"more":1,"messages":[' +
        '{"header":{"no_persist":0,"red_dot":1,"sync_once":0},"setting":0,' +
        `"message_id":${sent.message_id},"message_idstr":"${sent.message_id}","client_msg_no":"c1","message_seq":1,` +
        `"from_uid":"${alice}","channel_id":"${group}","channel_type":2,"expire":3600,"timestamp":${timestamp},"payload":"${HELLO}"}]}`,
    );
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
  });

  it.each<[string, unknown, string]>([
    ['no payload', { channel_id: 'g' }, 'payload不能为空！'],
    ['a null payload', { channel_id: 'g', payload: null }, 'payload不能为空！'],
    ['an empty payload before anything else', { payload: '' }, 'payload不能为空！'],
    ['no channel and nobody else', { payload: HELLO }, '无法处理发送消息请求！'],
    ['a blank channel', { payload: HELLO, channel_id: '  ', subscribers: [] }, '无法处理发送消息请求！'],
    ['null', 'null', 'payload不能为空！'],
  ])('refuses %s', async (_, body, msg) => {
    const answer = await door.post('/message/send', body);
    expect([answer.status, answer.text]).toEqual([400, JSON.stringify({ msg, status: 400 })]);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['no JSON', '{"channel_id":'],
    ['a list', '[]'],
    ['a type that is text', { channel_id: 'g', channel_type: '2', payload: HELLO }],
    ['a type beyond a byte', { channel_id: 'g', channel_type: 256, payload: HELLO }],
    ['a fraction', { channel_id: 'g', channel_type: 1.5, payload: HELLO }],
    ['a header of booleans', { channel_id: 'g', payload: HELLO, header: { red_dot: true } }],
    ['a header that is none', { channel_id: 'g', payload: HELLO, header: [] }],
    ['subscribers that are no texts', { channel_id: 'g', payload: HELLO, subscribers: [1] }],
    ['base64 for URLs', { channel_id: 'g', payload: '_-8=' }],
    ['base64 without padding', { channel_id: 'g', payload: 'YQ' }],
    ['padding in the middle', { channel_id: 'g', payload: 'YQ==YQ==' }],
    ['bytes that are none', { channel_id: 'g', payload: [256] }],
    ['JSON that is too deep', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`],
  ])('says of %s that it cannot be read', async (_, body) => {
    const answer = await door.post('/message/send', body);
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8']);
    expect(JSON.parse(answer.text)).toEqual({ msg: expect.any(String), status: 400 });
  });

  it.each<[string, object]>([
    ['a NUL', { from_uid: 'a\u0000' }],
    ['half a character', { channel_id: '\ud800' }],
    ['an id of 257 characters', { from_uid: 'a'.repeat(257) }],
  ])('refuses %s, and stores nothing', async (_, fields) => {
    const answer = await door.post('/message/send', { ...toGroup(fields), payload: HELLO });
    expect([answer.status, answer.body]).toEqual([400, refused(expect.any(String) as unknown as string)]);
    expect((await door.page({ channel_id: group, limit: 1 })).messages).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['line breaks', 'eyJ0eXBl\r\nIjoxfQ==', base64('{"type":1}')],
    ['a list of bytes', [104, 105], base64('hi')],
    ['5 MB', base64('x'.repeat(5_000_000)), base64('x'.repeat(5_000_000))],
  ])('takes a payload with %s', async (_, payload, shown) => {
    await door.send(toGroup({ payload }));
    expect((await door.page({ channel_id: group, limit: 1 })).messages[0]?.payload).toBe(shown);
  });

  it('is refused when the body is larger than 10 MiB', async () => {
    const answer = await door.post('/message/send', toGroup({ payload: 'YWFh'.repeat(2_700_000) }));
    expect([answer.status, answer.body]).toEqual([413, { msg: expect.any(String), status: 413 }]);
  });

  it('counts messages of each channel and type from 1', async () => {
    const sent = [];
    for (const channel_type of [2, 2, 0, 3, 2]) sent.push(await door.send(toGroup({ channel_type })));
    expect(sent.map(({ message_seq }) => message_seq)).toEqual([1, 2, 1, 1, 3]);
    const ids = sent.map(({ message_id }) => message_id);
    expect([...ids].sort()).toEqual(ids);
  });

  it('is no duplicate because of its client_msg_no', async () => {
    const sent = [
      await door.send(toGroup({ client_msg_no: 'same' })),
      await door.send(toGroup({ client_msg_no: 'same' })),
    ];
    expect(sent.map(({ client_msg_no, message_seq }) => [client_msg_no, message_seq])).toEqual([
      ['same', 1],
      ['same', 2],
    ]);
  });

  it('takes messages from nobody, and reads only 1 as yes', async () => {
    await door.send({ channel_id: group, channel_type: 2, header: { red_dot: 2 } });
    const [message] = (await door.page({ channel_id: group, limit: 1 })).messages;
    expect(message).toMatchObject({ from_uid: '', header: { red_dot: 0 } });
  });

  it('ignores unknown fields, setting and topic', async () => {
    await door.send(toGroup({ setting: 128, topic: 't', whatever: {} }));
    const [message] = (await door.page({ channel_id: group, limit: 1 })).messages;
    expect(message).toMatchObject({ setting: 0 });
    expect(message).not.toHaveProperty('topic');
  });

  it('is taken by a channel that is banned and disbanded, from somebody on its black list', async () => {
    await door.post('/channel/info', { channel_id: group, channel_type: 2, ban: 1, disband: 1 });
    await door.post('/channel/blacklist_add', { channel_id: group, channel_type: 2, uids: [alice] });
    expect(await door.send(toGroup())).toMatchObject({ message_seq: 1 });
  });

  it('is kept in the log with its subscribers named, and seen by everybody there', async () => {
    await door.send(toGroup({ subscribers: [bob, bob] }));
    expect((await door.page({ login_uid: 'else', channel_id: group, limit: 10 })).messages).toHaveLength(1);
  });

  it('is shown no longer once it expired', async () => {
    await door.send(toGroup({ expire: 3600, client_msg_no: 'expires' }));
    await door.send(toGroup());
    await door.rows(`UPDATE im_message SET expires_at = now() WHERE client_msg_no = 'expires'`);
    expect(seqs((await door.page({ channel_id: group, limit: 10 })).messages)).toEqual([2]);
  });
});

/** Where a message is found afterwards: in the log, in the queue of the sender, of the receiver. */
describe('where messages are kept', () => {
  it.each([
    [0, 0, 1, [1, 0, 0]],
    [0, 1, 0, [0, 1, 1]],
    [1, 0, 0, [0, 0, 0]],
    [1, 1, 0, [0, 0, 0]],
  ])('no_persist %i, sync_once %i: seq %i', async (no_persist, sync_once, seq, kept) => {
    const { message_seq } = await door.send(toBob({ header: { no_persist, sync_once } }));
    const page = await door.page({ login_uid: bob, channel_id: alice, channel_type: 1, limit: 10 });
    const found = [page.messages, await door.commands(alice), await door.commands(bob)];
    expect([message_seq, found.map((messages) => messages.length)]).toEqual([seq, kept]);
  });

  it('puts a command to a group into the queue of each subscriber, the sender too if he is one', async () => {
    await subscribe(alice, bob);
    await door.send(toGroup({ header: { sync_once: 1 } }));
    await door.send(toGroup({ header: { sync_once: 1 }, from_uid: 'outside', subscribers: [bob, bob] }));
    expect(seqs(await door.commands(alice))).toEqual([1]);
    const queued = await door.commands(bob);
    expect(queued.map(({ message_seq, from_uid, channel_id }) => [message_seq, from_uid, channel_id])).toEqual([
      [1, alice, group],
      [2, 'outside', group],
    ]);
    expect(queued[0]).toMatchObject({ header: { no_persist: 0, red_dot: 0, sync_once: 1 }, payload: HELLO });
    expect(await door.commands('outside')).toEqual([]);
  });

  it('makes a channel for one message of subscribers alone, which nothing keeps but the queues', async () => {
    const fields = { from_uid: alice, channel_type: 1, subscribers: [bob] };
    expect(await door.send(fields)).toMatchObject({ message_seq: 0 });
    expect(await door.send({ ...fields, header: { sync_once: 1 } })).toMatchObject({ message_seq: 0 });
    const [command, ...others] = await door.commands(bob);
    expect(others).toEqual([]);
    expect(command).toMatchObject({ channel_type: 2, channel_id: expect.stringMatching(/^[0-9a-f]{32}@tmp$/) });
  });

  it('takes no command to a large channel', async () => {
    await door.post('/channel', { channel_id: group, channel_type: 2, large: 1 });
    const command = { ...toGroup(), payload: HELLO, header: { sync_once: 1 } };
    expect((await door.post('/message/send', command)).body).toEqual(refused('超大群不支持发送SyncOnce类型消息！'));
    const unkept = { ...command, header: { sync_once: 1, no_persist: 1 } };
    expect((await door.post('/message/send', unkept)).status).toBe(200);
    expect(await door.send(toGroup())).toMatchObject({ message_seq: 1 });
  });
});

describe('person channels', () => {
  it('are one for both sides; each message keeps the id that its sender used', async () => {
    await door.send(toBob());
    await door.send({ from_uid: bob, channel_id: alice, channel_type: 1 });
    const seenBy = async (login_uid: string, channel_id: string) =>
      (await door.page({ login_uid, channel_id, channel_type: 1, limit: 10 })).messages.map((message) => [
        message.message_seq,
        message['from_uid'],
        message['channel_id'],
      ]);
    const both = [
      [1, alice, bob],
      [2, bob, alice],
    ];
    expect(await seenBy(alice, bob)).toEqual(both);
    expect(await seenBy(bob, alice)).toEqual(both);
  });

  it('show a command to its receiver under the id of its sender, and to the sender as sent', async () => {
    await door.send(toBob({ header: { sync_once: 1 } }));
    expect((await door.commands(bob))[0]).toMatchObject({ channel_id: alice, from_uid: alice, channel_type: 1 });
    expect((await door.commands(alice))[0]).toMatchObject({ channel_id: bob });
  });

  it('are the receiver’s own where nobody in particular sends', async () => {
    await door.send({ channel_id: bob, channel_type: 1 });
    expect((await door.get(`/channel/max_message_seq?channel_id=${bob}&channel_type=1`)).text).toBe(
      '{"message_seq":1}',
    );
  });

  it('are one with oneself', async () => {
    await door.send({ from_uid: bob, channel_id: bob, channel_type: 1, header: { sync_once: 1 } });
    expect(seqs(await door.commands(bob))).toEqual([1]);
  });
});

describe('POST /message/sendbatch', () => {
  it('sends one person message to each subscriber, however often he is named', async () => {
    const answer = await door.post('/message/sendbatch', {
      header: { red_dot: 1 },
      from_uid: alice,
      subscribers: [bob, 'carol', bob],
      payload: HELLO,
    });
    expect([answer.status, answer.text]).toEqual([200, '{"fail_uids":[],"reason":[]}']);
    const { messages } = await door.page({ login_uid: bob, channel_id: alice, channel_type: 1, limit: 10 });
    expect(messages).toMatchObject([
      { message_seq: 1, from_uid: alice, channel_id: bob, header: { red_dot: 1 } },
      { message_seq: 2, from_uid: alice, channel_id: bob },
    ]);
    expect(new Set(messages.map((message) => message['client_msg_no'])).size).toBe(2);
  });

  it('queues a command for each and for the sender', async () => {
    const body = { header: { sync_once: 1 }, from_uid: alice, subscribers: [bob, `c${n}`], payload: HELLO };
    await door.post('/message/sendbatch', body);
    expect(await Promise.all([alice, bob, `c${n}`].map(async (uid) => (await door.commands(uid)).length))).toEqual([
      2, 1, 1,
    ]);
  });

  it('names whom nothing can be sent to, in their order and with the reason, and sends to all others', async () => {
    const [long, nul, half] = ['u'.repeat(257), 'a\u0000', '\ud800'];
    const fields = { from_uid: alice, payload: HELLO };
    const answer = await door.post('/message/sendbatch', { ...fields, subscribers: [nul, bob, long, half, nul] });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        fail_uids: [nul, long, half, nul],
        reason: ['uid含有非法字符！', 'uid过长，最多256个字符！', 'uid含有非法字符！', 'uid含有非法字符！'],
      },
    ]);
    const { messages } = await door.page({ login_uid: bob, channel_id: alice, channel_type: 1, limit: 10 });
    expect(messages).toMatchObject([{ from_uid: alice, channel_id: bob }]);
    const nobody = await door.post('/message/sendbatch', { ...fields, subscribers: [long] });
    expect([nobody.status, nobody.body]).toEqual([200, { fail_uids: [long], reason: ['uid过长，最多256个字符！'] }]);
  });

  it('refuses subscribers that are no texts', async () => {
    const answer = await door.post('/message/sendbatch', { from_uid: alice, payload: HELLO, subscribers: [bob, 1] });
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8']);
    const { messages } = await door.page({ login_uid: bob, channel_id: alice, channel_type: 1, limit: 10 });
    expect(messages).toEqual([]);
  });

  it('sends to 12,000 with long names at once, beyond what the broker carries', async () => {
    const subscribers = Array.from({ length: 12_000 }, (_, k) => `${group}-${'long'.repeat(25)}-${k}`);
    const answer = await door.post('/message/sendbatch', { from_uid: alice, subscribers, payload: HELLO });
    expect(answer.text).toBe('{"fail_uids":[],"reason":[]}');
    const [row] = await door.rows<{ n: number }>('SELECT count(*) AS n FROM im_message WHERE from_uid = $1', [alice]);
    expect(row?.n).toBe(12_000);
  });

  it('may take longer than the listener waits for a silent client', async () => {
    const server = door.app.getHttpServer() as { timeout: number };
    const timeout = server.timeout;
    server.timeout = 50;
    try {
      const subscribers = Array.from({ length: 12_000 }, (_, k) => `${group}-${k}`);
      const startedAt = performance.now();
      const answer = await door.post('/message/sendbatch', { from_uid: alice, subscribers, payload: HELLO });
      expect(answer.status).toBe(200);
      expect(performance.now() - startedAt).toBeGreaterThan(2 * server.timeout);
    } finally {
      server.timeout = timeout;
    }
  });

  it.each<[string, number, number]>([
    ['150,000 recipients', 150_000, 10],
    ['10,000 of a payload of 45 kB', 10_000, 45_000],
  ])('takes %s', async (_, recipients, bytes) => {
    const subscribers = Array.from({ length: recipients }, (_, k) => `${group}-${k}`);
    const body = { from_uid: alice, subscribers, payload: base64('x'.repeat(bytes)), header: { no_persist: 1 } };
    expect((await door.post('/message/sendbatch', body)).text).toBe('{"fail_uids":[],"reason":[]}');
  });

  it.each<[object, string]>([
    [{}, 'from_uid不能为空！'],
    [{ from_uid: 'a' }, 'subscribers不能为空！'],
    [{ from_uid: 'a', subscribers: ['b'] }, 'payload不能为空！'],
    [{ from_uid: 'a', subscribers: ['b'], payload: '' }, 'payload不能为空！'],
    [
      { from_uid: 'a', payload: base64('x'.repeat(5_000_000)), subscribers: Array.from({ length: 1000 }, () => 'b') },
      'payload字节数与接收者数之积过大，最多4294967296，请分批发送！',
    ],
  ])('refuses %#', async (body, msg) => {
    const answer = await door.post('/message/sendbatch', body);
    expect([answer.status, answer.body]).toEqual([400, refused(msg)]);
  });
});

describe('POST /channel/messagesync', () => {
  const LOG = 'log250';
  beforeAll(async () => {
    for (let sent = 0; sent < 250; sent += 50) {
      await Promise.all(
        Array.from({ length: 50 }, () => door.send({ from_uid: 'x', channel_id: LOG, channel_type: 2 })),
      );
    }
  });
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, k) => from + k);
  const page = (pull_mode: number, start_message_seq: number, end_message_seq: number, limit?: number) =>
    door.page({
      channel_id: LOG,
      pull_mode,
      start_message_seq,
      end_message_seq,
      ...(limit === undefined ? {} : { limit }),
    });

  it.each<[string, number, number, number, number | undefined, number[], number]>([
    ['up, cut by limit', 1, 100, 200, 10, range(100, 109), 1],
    ['up, cut by end', 1, 100, 105, 10, range(100, 104), 0],
    ['up, without an end', 1, 100, 0, 10, range(100, 109), 1],
    ['down, cut by limit', 0, 100, 50, 10, range(91, 100), 1],
    ['down, cut by end', 0, 100, 95, 10, range(96, 100), 0],
    ['down, without an end', 0, 100, 0, 10, range(91, 100), 1],
    ['the newest, up', 1, 0, 0, 10, range(241, 250), 1],
    ['the newest, down', 0, 0, 0, 10, range(241, 250), 1],
    ['all', 0, 0, 0, 1000, range(1, 250), 0],
    ['exactly all', 0, 0, 0, 250, range(1, 250), 1],
    ['up from 0 to an end', 1, 0, 5, 10, range(1, 4), 0],
    ['up from the last', 1, 250, 0, 10, [250], 0],
    ['up from beyond', 1, 251, 0, 10, [], 0],
    ['down from beyond: a window of seqs', 0, 255, 0, 10, range(246, 250), 0],
    ['down from far beyond', 0, 1000, 0, 10, [], 0],
    ['down at the beginning', 0, 5, 0, 10, range(1, 5), 0],
    ['down with an end after the start', 0, 10, 20, 10, [], 0],
    ['up with an end before the start', 1, 20, 10, 10, [], 0],
    ['a limit of 0', 1, 1, 0, 0, [], 1],
    ['no limit', 0, 0, 0, undefined, [], 1],
    ['more than a page holds', 1, 1, 0, 20_000, range(1, 250), 0],
    ['any other pull mode: down', 7, 100, 0, 3, range(98, 100), 1],
  ])('%s', async (_, mode, start, end, limit, expected, more) => {
    const answer = await page(mode, start, end, limit);
    expect([seqs(answer.messages), answer.more]).toEqual([expected, more]);
    expect(answer).toMatchObject({ start_message_seq: start, end_message_seq: end });
  });

  it('refuses a negative limit, and to go down from nowhere', async () => {
    const asked = { channel_id: LOG, channel_type: 2 };
    const negative = await door.post('/channel/messagesync', { ...asked, limit: -1 });
    expect([negative.status, negative.body]).toEqual([400, refused('limit不能为负数！')]);
    const nowhere = await door.post('/channel/messagesync', { ...asked, limit: 10, end_message_seq: 5 });
    expect([nowhere.status, nowhere.body]).toEqual([400, refused('start messageSeq must be greater than 0')]);
  });

  it.each(['', '[1]', '{"limit":"1"}', '{"start_message_seq":-1}', '{"start_message_seq":4294967296}'])(
    'says of %j that its form is wrong',
    async (body) => {
      const answer = await door.post('/channel/messagesync', body);
      expect([answer.status, answer.text]).toEqual([400, '{"msg":"数据格式有误！","status":400}']);
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    },
  );

  it.each([{ channel_id: 'nowhere' }, { channel_id: '' }, { channel_id: LOG, channel_type: 0 }, {}])(
    'knows no messages of %j',
    async (channel) => {
      const { text } = await door.post('/channel/messagesync', { channel_type: 2, limit: 5, ...channel });
      expect(text).toBe('{"start_message_seq":0,"end_message_seq":0,"more":0,"messages":[]}');
    },
  );

  it('ends an answer that grows too large, and says that there is more', async () => {
    for (let k = 0; k < 4; k++) await door.send(toGroup());
    await door.rows(`UPDATE im_message SET payload = convert_to(repeat('x', 9000000), 'UTF8') WHERE channel_id = $1`, [
      group,
    ]);
    const up = await door.page({ channel_id: group, limit: 10, pull_mode: 1, start_message_seq: 1 });
    expect([seqs(up.messages), up.more]).toEqual([[1, 2], 1]);
    const newest = await door.page({ channel_id: group, limit: 10 });
    expect([seqs(newest.messages), newest.more]).toEqual([[3, 4], 1]);
  });
});

describe('POST /messages', () => {
  it('shows messages in the order asked for, and says when one is missing', async () => {
    for (let k = 0; k < 3; k++) await door.send(toBob());
    const ask = (message_seqs: number[]) =>
      door.post('/messages', { login_uid: bob, channel_id: alice, channel_type: 1, message_seqs });
    const { body } = await ask([3, 1, 3]);
    expect(seqs((body as { messages: Shown[] }).messages)).toEqual([3, 1, 3]);
    expect((await ask([1, 4])).body).toEqual(refused('no data'));
  });

  it('are shown alike wherever they are shown', async () => {
    await door.send(
      toBob({ client_msg_no: '"\\\u0001\u2028😀', header: { red_dot: 1 }, from_uid: `张三"${n}`, expire: 9 }),
    );
    await door.post('/streammessage/start', { ...toBob({ from_uid: `张三"${n}` }), payload: base64('x'.repeat(200)) });
    const channel = { login_uid: bob, channel_id: `张三"${n}`, channel_type: 1 };
    const [page, list] = await Promise.all([
      door.post('/channel/messagesync', { ...channel, limit: 10 }),
      door.post('/messages', { ...channel, message_seqs: [1, 2] }),
    ]);
    expect(seqs((page.body as { messages: Shown[] }).messages)).toEqual([1, 2]);
    expect(page.text).toBe(list.text);
  });

  it.each<[object, string]>([
    [{ message_seqs: [1] }, 'channel_id不能为空！'],
    [{ channel_id: 'g' }, 'message_seqs不能为空！'],
    [{ channel_id: 'nowhere', message_seqs: [1] }, 'no data'],
    [{ channel_id: 'g', message_seqs: Array.from({ length: 10_001 }, () => 1) }, 'message_seqs过多，最多10000个！'],
  ])('refuses %#', async (body, msg) => {
    expect((await door.post('/messages', body)).body).toEqual(refused(msg));
  });
});

describe('command queues', () => {
  const command = (): Promise<unknown> => door.send(toBob({ header: { sync_once: 1 } }));
  const ack = (last_message_seq: number) => door.post('/message/syncack', { uid: bob, last_message_seq });

  it('give everything from the cursor on, again and again until it is acknowledged', async () => {
    for (let k = 0; k < 4; k++) await command();
    expect(seqs(await door.commands(bob))).toEqual([1, 2, 3, 4]);
    expect(seqs(await door.commands(bob, { limit: 2 }))).toEqual([1, 2]);
    expect((await ack(2)).text).toBe('{"status":200}');
    expect(seqs(await door.commands(bob))).toEqual([3, 4]);
    expect(seqs(await door.commands(bob, { message_seq: 1 }))).toEqual([2, 3, 4]);
    expect(seqs(await door.commands(bob, { message_seq: 9 }))).toEqual([3, 4]);
  });

  it('have a cursor that never goes back, nor beyond the end', async () => {
    for (let k = 0; k < 3; k++) await command();
    await ack(3);
    await ack(2);
    expect(await door.commands(bob)).toEqual([]);
    await command();
    await ack(1000);
    await ack(1);
    expect(await door.commands(bob)).toEqual([]);
    await command();
    expect(seqs(await door.commands(bob))).toEqual([5]);
  });

  it('take 0 for nothing to acknowledge, and a uid nobody knows', async () => {
    await command();
    expect((await ack(0)).text).toBe('{"status":200}');
    expect(seqs(await door.commands(bob))).toEqual([1]);
    expect((await door.post('/message/syncack', { uid: `nobody${n}`, last_message_seq: 5 })).text).toBe(
      '{"status":200}',
    );
  });

  it.each<[string, object, string]>([
    ['/message/sync', { limit: 1 }, '用户uid不能为空！'],
    ['/message/sync', { uid: 'u', limit: -1 }, 'limit不能为负数！'],
    ['/message/syncack', { last_message_seq: 1 }, '用户UID不能为空！'],
    ['/message/syncack', { uid: 1 }, '数据格式有误！'],
  ])('%s refuses %j', async (path, body, msg) => {
    const answer = await door.post(path, body);
    expect([answer.status, answer.body]).toEqual([400, refused(msg)]);
  });

  it('are empty without a limit', async () => {
    await command();
    expect((await door.post('/message/sync', { uid: bob })).text).toBe('[]');
  });
});

describe('channels', () => {
  const commandsOf = async (...uids: string[]): Promise<number[]> => {
    await door.send(toGroup({ header: { sync_once: 1 } }));
    return Promise.all(uids.map(async (uid) => (await door.commands(uid)).length));
  };

  it('are made with subscribers, which are replaced when they are made again', async () => {
    const make = (...subscribers: string[]) =>
      door.post('/channel', { channel_id: group, channel_type: 2, subscribers });
    expect((await make(alice, bob, bob)).text).toBe('{"status":200}');
    expect(await commandsOf(alice, bob)).toEqual([1, 1]);
    await make(bob);
    expect(await commandsOf(alice, bob)).toEqual([1, 2]);
  });

  it('gain and lose subscribers; type 2 unless given', async () => {
    await door.post('/channel/subscriber_add', { channel_id: group, subscribers: [alice, bob] });
    expect(await commandsOf(alice, bob)).toEqual([1, 1]);
    await door.post('/channel/subscriber_remove', { channel_id: group, channel_type: 2, subscribers: [alice] });
    expect(await commandsOf(alice, bob)).toEqual([1, 2]);
    await door.post('/channel/subscriber_add', { channel_id: group, reset: 1, subscribers: [alice] });
    expect(await commandsOf(alice, bob)).toEqual([2, 2]);
  });

  it('keep their log when they are deleted', async () => {
    await subscribe(alice);
    await door.send(toGroup());
    expect((await door.post('/channel/delete', { channel_id: group, channel_type: 2 })).text).toBe('{"status":200}');
    expect((await door.page({ channel_id: group, limit: 10 })).messages).toHaveLength(1);
    expect(await commandsOf(alice)).toEqual([0]);
    expect((await door.post('/channel/delete', { channel_id: 'nowhere', channel_type: 2 })).text).toBe(
      '{"status":200}',
    );
  });

  it('have white lists that are added to, set, taken from and read', async () => {
    const list = (how: string, uids: string[]) =>
      door.post(`/channel/whitelist_${how}`, { channel_id: group, channel_type: 2, uids });
    const listed = async () => (await door.get(`/channel/whitelist?channel_id=${group}`)).text;
    await list('add', ['b', 'a', 'b']);
    expect(await listed()).toBe('["a","b"]');
    await list('remove', ['b']);
    expect(await listed()).toBe('["a"]');
    await list('set', ['c']);
    expect(await listed()).toBe('["c"]');
    await list('set', []);
    expect(await listed()).toBe('[]');
  });

  it('have black lists beside them, persons too', async () => {
    const uids = ['x', 'y'];
    for (const how of ['add', 'set', 'remove']) {
      const answer = await door.post(`/channel/blacklist_${how}`, {
        channel_id: bob,
        channel_type: 1,
        uids: how === 'remove' ? ['x'] : uids,
      });
      expect(answer.text).toBe('{"status":200}');
    }
    const rows = await door.rows<{ uid: string }>(
      `SELECT l.uid FROM im_listed l JOIN im_channel c USING (channel_key) WHERE c.channel_id = $1 AND l.list = 'black'`,
      [bob],
    );
    expect(rows).toEqual([{ uid: 'y' }]);
  });

  it('say the seq of their last message', async () => {
    for (let k = 0; k < 2; k++) await door.send(toGroup());
    expect((await door.get(`/channel/max_message_seq?channel_id=${group}&channel_type=2`)).text).toBe(
      '{"message_seq":2}',
    );
    expect((await door.get(`/channel/max_message_seq?channel_id=nowhere&channel_type=2`)).text).toBe(
      '{"message_seq":0}',
    );
    expect((await door.get('/channel/max_message_seq')).text).toBe('{"msg":"channel_id不能为空","status":400}');
  });

  it.each<[string, object | string, string]>([
    ['/channel', { channel_type: 2 }, '频道ID不能为空！'],
    ['/channel', { channel_id: 'g' }, '频道类型错误！'],
    ['/channel', { channel_id: 'g', channel_type: 1 }, '暂不支持个人频道！'],
    ['/channel', '{', '数据格式有误！: '],
    ['/channel/info', '{', '数据格式有误！'],
    ['/channel/subscriber_add', { subscribers: ['a'] }, '频道ID不能为空！'],
    ['/channel/subscriber_add', { channel_id: 'g' }, '订阅者不能为空！'],
    ['/channel/subscriber_add', { channel_id: 'g', channel_type: 1, subscribers: ['a'] }, '个人频道不支持添加订阅者！'],
    ['/channel/subscriber_remove', { subscribers: ['a'] }, '频道ID不能为空！'],
    ['/channel/blacklist_add', { channel_type: 2, uids: ['a'] }, 'channel_id不能为空！'],
    ['/channel/blacklist_add', { channel_id: 'g', uids: ['a'] }, '频道类型不能为0！'],
    ['/channel/whitelist_remove', { channel_id: 'g', channel_type: 2 }, 'uids不能为空！'],
    ['/channel/whitelist_set', { channel_type: 2 }, '频道ID不能为空！'],
  ])('%s refuses %j', async (path, body, msg) => {
    const answer = await door.post(path, body);
    expect([answer.status, answer.body.msg.startsWith(msg)]).toEqual([400, true]);
  });
});

describe('streams', () => {
  const start = async (fields: object): Promise<string> => {
    const answer = await door.post('/streammessage/start', { payload: HELLO, ...fields });
    expect(answer.text).toMatch(/^\{"stream_no":"[0-9a-f]{32}"\}$/);
    return (answer.body as { stream_no: string }).stream_no;
  };
  const piece = (stream_no: string, text: string) =>
    door.send(toBob({ stream_no, client_msg_no: text, payload: base64(text) }));

  it('show their pieces with the message that started them, until they end', async () => {
    const streamNo = await start(toBob());
    expect(await piece(streamNo, 'one')).toMatchObject({ message_seq: 0 });
    await piece(streamNo, 'two');
    const end = { stream_no: streamNo, channel_id: bob, channel_type: 1 };
    expect((await door.post('/streammessage/end', end)).text).toBe('{"status":200}');
    await piece(streamNo, 'too late');
    const { messages } = await door.page({ login_uid: bob, channel_id: alice, channel_type: 1, limit: 10 });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      message_seq: 1,
      stream_no: streamNo,
      setting: 4,
      streams: [
        { stream_seq: 1, client_msg_no: 'one', blob: base64('one') },
        { stream_seq: 2, client_msg_no: 'two', blob: base64('two') },
      ],
    });
  });

  it('show no pieces in groups, as the server does whose interface this is', async () => {
    const streamNo = await start(toGroup());
    await door.send(toGroup({ stream_no: streamNo }));
    const [message, ...others] = (await door.page({ channel_id: group, limit: 10 })).messages;
    expect(others).toEqual([]);
    expect(message).toMatchObject({ stream_no: streamNo });
    expect(message).not.toHaveProperty('streams');
  });

  it('that are unknown take pieces without a trace, and cannot be ended', async () => {
    expect(await piece('unknown', 'x')).toMatchObject({ message_seq: 0 });
    expect(await door.rows(`SELECT 1 FROM im_stream_chunk WHERE stream_no = 'unknown'`)).toEqual([]);
    const end = await door.post('/streammessage/end', { stream_no: 'unknown', channel_id: 'g', channel_type: 2 });
    expect([end.status, end.body]).toEqual([400, refused('流消息元数据不存在！')]);
  });
});

describe('other addresses', () => {
  it.each([
    ['GET', '/message/send'],
    ['PUT', '/channel'],
    ['GET', '/channel/messagesync'],
    ['POST', '/channel/nothing'],
    ['DELETE', '/message/sync?x=1'],
  ] as const)('%s %s is not found, in plain text', async (method, path) => {
    const answer = await door.call(method, path);
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
      404,
      'text/plain',
      '404 page not found',
    ]);
  });

  it('below /message/ stay with the other doors', async () => {
    expect((await door.call('POST', '/message/sendMessageApi', { body: {} })).text).toContain('rspCode');
    expect((await door.call('GET', '/message/nothing')).text).toContain('No call has this method and path');
  });
});
