import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { ImSessionRepository } from '#entities';
import { FoldOutboxJob } from '../../apps/im-sync/src/webhooks/fold-outbox.job.js';
import { CallbackService } from '../../apps/reporting/src/callbacks/callback.service.js';
import { webhookReceiver, type Posted, type WebhookReceiver } from '../support/webhook-receiver.js';
import { freePort } from '../support/processes.js';
import { sdkClient } from '../support/im-sdk.js';
import { wholeCenter, type WholeCenter } from '../support/whole-center.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const HELLO = Buffer.from('{"type":1,"content":"hello"}').toString('base64');

let mc: WholeCenter;
let receiver: WebhookReceiver;
let port: number;

beforeAll(async () => {
  receiver = await webhookReceiver();
  port = await freePort();
  mc = await wholeCenter({
    IM_AUTH: 'none',
    IM_WS_PORT: String(port),
    IM_WEBHOOK_URL: `${receiver.url}/im`,
    IM_WEBHOOK_SECRET: SECRET,
    IM_OFFLINE_PUSH: 'on',
    SANDBOX: 'on',
  });
});
afterEach(async () => {
  await settled();
  receiver.posted.length = 0;
  receiver.answers.length = 0;
});
afterAll(async () => {
  await mc?.close();
  await receiver?.close();
});

const count = async (sql: string): Promise<number> => (await mc.rows(sql)).length;
/** Nothing is left to be told. Does not wait for the next look of the jobs. */
const settled = (): Promise<number> =>
  mc.until(
    'everything was told',
    () => {
      mc.app.get(FoldOutboxJob, { strict: false }).look();
      mc.app.get(CallbackService, { strict: false }).wake();
      return count('SELECT FROM im_outbox UNION ALL SELECT FROM callback');
    },
    (left) => left === 0,
  );
const told = (event: string): Posted[] => receiver.posted.filter(({ url }) => url === `/im?event=${event}`);
const notified = (): Record<string, unknown>[] =>
  told('msg.notify').flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[]);

async function send(message: Record<string, unknown>): Promise<string> {
  const { status, text } = await mc.call('POST', '/message/send', {
    body: { header: { red_dot: 1 }, from_uid: 'u1', channel_id: 'u2', channel_type: 1, payload: HELLO, ...message },
  });
  if (status !== 200) throw new Error(text);
  return /"message_id":(\d+)/.exec(text)?.[1] ?? '';
}

async function post(path: string, body: object): Promise<void> {
  const { status, text } = await mc.call('POST', path, { body });
  if (status !== 200) throw new Error(text);
}

/** A device that is connected to a process which was last heard of when `leaseS` began to run. */
async function session(uid: string, level: number, leaseS: number): Promise<void> {
  await mc.rows(
    `WITH replica AS (
       INSERT INTO im_replica (replica_id, lease_until) VALUES (gen_random_uuid(), now() + $3 * interval '1 second')
       RETURNING replica_id)
     INSERT INTO im_session (replica_id, uid, device_flag, device_level, device_id)
     SELECT replica_id, $1, 0, $2, 'd' FROM replica`,
    [uid, level, leaseS],
  );
}

describe('msg.notify', () => {
  it('tells each message as the door shows it, in lists, signed', async () => {
    const ids = [];
    for (const client_msg_no of ['a', 'b', 'c']) ids.push(await send({ client_msg_no }));
    await settled();
    const shown = await mc.call('POST', '/channel/messagesync', {
      body: { login_uid: 'u1', channel_id: 'u2', channel_type: 1, limit: 3 },
    });
    expect(notified()).toEqual(shown.body.messages);
    for (const id of ids) expect(receiver.posted.map(({ body }) => body).join()).toContain(`"message_id":${id},`);
    for (const { headers, body } of told('msg.notify')) {
      expect(() => new Webhook(SECRET).verify(body, headers as Record<string, string>)).not.toThrow();
      expect(headers['content-type']).toBe('application/json');
    }
  });

  it('tells what is not stored, and commands, but not what is neither', async () => {
    await send({ client_msg_no: 'typing', header: { no_persist: 1, sync_once: 1 } });
    await send({ client_msg_no: 'fleeting', header: { no_persist: 1 } });
    await send({ client_msg_no: 'command', header: { sync_once: 1 } });
    await settled();
    expect(notified()).toMatchObject([
      { client_msg_no: 'fleeting', message_seq: 0 },
      { client_msg_no: 'command', header: { sync_once: 1 } },
    ]);
  });

  it('tells each message of a batch to many, up to 100 at once', async () => {
    const subscribers = Array.from({ length: 250 }, (_, i) => `r${i}`);
    await post('/message/sendbatch', { header: { red_dot: 1 }, from_uid: 'u1', payload: HELLO, subscribers });
    await settled();
    expect(notified().map(({ channel_id }) => channel_id)).toHaveLength(250);
    expect(new Set(notified().map(({ channel_id }) => channel_id))).toEqual(new Set(subscribers));
    const sizes = told('msg.notify').map(({ body }) => (JSON.parse(body) as object[]).length);
    expect(sizes.sort((a, b) => b - a)).toEqual([100, 100, 50]);
  });

  it('is there if, and only if, the message is', async () => {
    await mc.rows(`ALTER TABLE im_outbox ADD CONSTRAINT broken CHECK (body NOT LIKE '%"refused"%')`);
    try {
      await expect(send({ channel_id: 'u3', client_msg_no: 'refused' })).rejects.toThrow();
    } finally {
      await mc.rows('ALTER TABLE im_outbox DROP CONSTRAINT broken');
    }
    expect(await mc.rows(`SELECT FROM im_message WHERE channel_id = 'u3'`)).toEqual([]);
    await send({ channel_id: 'u3', client_msg_no: 'taken' });
    await settled();
    expect(notified()).toMatchObject([{ client_msg_no: 'taken', message_seq: 1 }]);
  });

  it('that nobody answers keeps no callback of a client app waiting', async () => {
    const { release } = receiver.hang('/im');
    try {
      const subscribers = Array.from({ length: 120 }, (_, i) => `r${i}`);
      await post('/message/sendbatch', { from_uid: 'u1', payload: HELLO, subscribers });
      await mc.until(
        'the webhook hangs',
        () => Promise.resolve(receiver.posted.length),
        (n) => n === 64,
      );
      await mc.rows(`INSERT INTO callback (message_id, app_id, url, items) VALUES (gen_random_uuid(), $1, $2, '[]')`, [
        mc.appId,
        `${receiver.url}/app`,
      ]);
      await mc.until(
        'the client app is told',
        () => Promise.resolve(receiver.posted.filter(({ url }) => url === '/app').length),
        (n) => n === 1,
      );
    } finally {
      release();
    }
  });

  it('is posted again under the same id after a failure', async () => {
    receiver.answers.push(500, 500);
    await send({ client_msg_no: 'again' });
    await mc.until(
      'the first tries of msg.notify and msg.offline failed',
      () => count(`SELECT FROM callback WHERE attempts = 1 AND last_code = 'http_500'`),
      (n) => n === 2,
    );
    await mc.rows('UPDATE callback SET due_at = now()');
    await settled();
    const tries = receiver.posted.filter(({ body }) => body.includes('"again"') && body.startsWith('['));
    expect(tries).toHaveLength(2);
    expect(tries[0]?.headers['webhook-id']).toBe(tries[1]?.headers['webhook-id']);
    expect(tries[0]?.body).toBe(tries[1]?.body);
  });

  it('waits at the desk of dead letters when nobody takes it, and is replayed as it was', async () => {
    receiver.answers.push(410, 410);
    const id = await send({ client_msg_no: 'dead' });
    const desk = (): Promise<{ count: number }[]> =>
      mc.admin('GET', '/v1/dead-letters?kind=callback').then(({ body }) => body.items);
    await mc.until('both are dead', desk, (groups) => groups.reduce((sum, group) => sum + group.count, 0) === 2);
    expect(await desk()).toMatchObject([{ appId: '', cause: 'http_410', sample: [{ messageId: null }, {}] }]);
    receiver.posted.length = 0;
    const replay = await mc.admin('POST', '/v1/dead-letters/replay', { filter: { kind: 'callback' } });
    expect(replay.body).toMatchObject({ matched: 2, replayed: 2 });
    await settled();
    expect(told('msg.notify').map(({ body }) => body)).toEqual([expect.stringContaining(`"message_id":${id},`)]);
    expect(told('msg.offline')).toHaveLength(1);
  });
});

describe('msg.offline', () => {
  const offline = (): Record<string, unknown>[] =>
    told('msg.offline').map(({ body }) => JSON.parse(body) as Record<string, unknown>);

  it('names who is not there, but not the sender', async () => {
    await post('/channel', { channel_id: 'g1', channel_type: 2, subscribers: ['u1', 'u2', 'u3'] });
    await send({ channel_id: 'g1', channel_type: 2, client_msg_no: 'to all' });
    await send({ client_msg_no: 'to one' });
    await settled();
    expect(offline()).toHaveLength(2);
    expect(offline()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ client_msg_no: 'to all', channel_id: 'g1', to_uids: ['u2', 'u3'] }),
        expect.objectContaining({ client_msg_no: 'to one', channel_id: 'u2', to_uids: ['u2'] }),
      ]),
    );
  });

  it('names those alone that a message is for', async () => {
    await post('/channel', { channel_id: 'g2', channel_type: 2, subscribers: ['u1', 'u2', 'u3'] });
    await send({ channel_id: 'g2', channel_type: 2, subscribers: ['u3', 'u1'] });
    await settled();
    expect(offline()).toMatchObject([{ channel_id: 'g2', to_uids: ['u3'] }]);
  });

  it('tells of commands, but of nothing that is not stored', async () => {
    await send({ client_msg_no: 'command', header: { sync_once: 1 } });
    await send({ client_msg_no: 'fleeting', header: { no_persist: 1 } });
    await settled();
    expect(offline()).toMatchObject([{ client_msg_no: 'command', to_uids: ['u2'] }]);
  });

  it('does not name who is connected with a master device, but who is with others, or whose process is gone', async () => {
    const sessions: [uid: string, level: number, leaseS: number][] = [
      ['master', 1, 3600],
      ['slave', 0, 3600],
      ['gone', 1, -3600],
    ];
    for (const one of sessions) await session(...one);
    await post('/channel', { channel_id: 'g4', channel_type: 2, subscribers: ['u1', ...sessions.map(([uid]) => uid)] });
    await send({ channel_id: 'g4', channel_type: 2 });
    await settled();
    expect(offline()).toMatchObject([{ to_uids: ['gone', 'slave'] }]);
  });

  it('goes through a large audience page by page, everybody once', async () => {
    const subscribers = Array.from({ length: 2500 }, (_, i) => `m${String(i).padStart(4, '0')}`);
    await post('/channel', { channel_id: 'g3', channel_type: 2, subscribers });
    await send({ channel_id: 'g3', channel_type: 2, from_uid: 'm0000' });
    await settled();
    expect(offline().flatMap(({ to_uids }) => to_uids as string[])).toHaveLength(2499);
    expect(new Set(offline().flatMap(({ to_uids }) => to_uids as string[]))).toEqual(new Set(subscribers.slice(1)));
    expect(offline().length).toBeGreaterThan(2);
  });
});

describe('user.onlinestatus', () => {
  /** What was told of a uid: flag, whether online, session, sessions of that flag, sessions. */
  const lines = (uid: string): string[][] =>
    told('user.onlinestatus')
      .flatMap(({ body }) => JSON.parse(body) as string[])
      .filter((line) => line.startsWith(`${uid}-`))
      .map((line) => line.split('-').slice(1));
  const untilTold = (uid: string, count: number): Promise<string[][]> =>
    mc.until(
      `${uid} is told of ${count} times`,
      () => Promise.resolve(lines(uid)),
      (all) => all.length === count,
    );

  it('tells who connects and disconnects, and how many of his devices are there', async () => {
    const web = await sdkClient({ port, uid: 'live', deviceFlag: 1 });
    const [[, , first] = []] = await untilTold('live', 1);
    const app = await sdkClient({ port, uid: 'live', deviceFlag: 0 });
    const [, [, , second] = []] = await untilTold('live', 2);
    web.close();
    await untilTold('live', 3);
    app.close();
    expect(await untilTold('live', 4)).toEqual([
      ['1', '1', first, '1', '1'],
      ['0', '1', second, '1', '2'],
      ['1', '0', first, '0', '1'],
      ['0', '0', second, '0', '0'],
    ]);
  });

  it('tells of those whose process is gone', async () => {
    await session('lost', 0, -3600);
    await mc.app.get(ImSessionRepository, { strict: false }).sweep();
    expect(await untilTold('lost', 1)).toEqual([['0', '0', expect.any(String), '0', '0']]);
  });
});

describe('people who are not connected', () => {
  const shown = async (): Promise<[address: string, text: string][]> =>
    (await mc.admin('GET', '/v1/sandbox/messages?channel=push')).body.items.map(
      ({ address, content }: { address: string; content: { title: string; text: string } }) => {
        expect(content.title).toBe('新消息');
        return [address, content.text];
      },
    );

  it('get a push of what has a red dot, where they have a device', async () => {
    for (const [user_id, token] of [
      ['p1', 'phone-1'],
      ['p2', 'phone-2'],
      ['slave', 'phone-3'],
    ]) {
      await mc.rows(`INSERT INTO device (token, user_id, platform) VALUES ($2, $1, 'android')`, [user_id, token]);
    }
    const channel = { channel_id: 'g5', channel_type: 2 };
    await post('/channel', { ...channel, subscribers: ['p1', 'p2', 'p3', 'slave'] });
    await send({ ...channel, from_uid: 'p1' });
    await send({ ...channel, from_uid: 'p2', payload: Buffer.from('{"type":2,"url":"x"}').toString('base64') });
    await send({ ...channel, from_uid: 'p2', header: { red_dot: 0 } });
    const all = await mc.until('both are shown', shown, (list) => list.length === 2);
    expect(all.sort()).toEqual([
      ['phone-1', '您收到一条新消息'],
      ['phone-2', 'hello'],
    ]);
    await settled();
    expect(await mc.rows(`SELECT DISTINCT client_app_id, door FROM message`)).toEqual([
      { client_app_id: 'im', door: 'im' },
    ]);
  });
});
