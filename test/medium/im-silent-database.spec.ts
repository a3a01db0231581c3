import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/core-app.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import type { Answer } from '../support/gateway-app.js';
import { startTcpProxy, type TcpProxy } from '../support/rabbit.js';
import { HELLO, base64, imDoor, type ImDoor } from './im-door.fixture.js';

const MANAGER = 'manager-token-of-this-test';
/** A link that says nothing is given up by the pool after 38 s, and the door says 2 s. */
const IN_TIME_MS = 8_000;

let store: TestDatabase;
let link: TcpProxy;
let door: ImDoor;
let app: string;
beforeAll(async () => {
  store = await testDatabase();
  link = await startTcpProxy(store.url);
  door = await imDoor({ IM_AUTH: 'token', IM_MANAGER_TOKEN: MANAGER }, link.url);
  ({ token: app } = await door.clientApp({ features: ['im'] }));
});
afterAll(async () => {
  link?.cut();
  await door?.close();
  await link?.close();
  await store?.drop();
});

const call = (token: string, path: string, body?: object, from?: string): Promise<Answer> =>
  door.call(body ? 'POST' : 'GET', path, { ...(body ? { body } : {}), headers: { token }, ...(from ? { from } : {}) });

const GROUP = { channel_id: 'g', channel_type: 2 };
const send = (token: string, payload = HELLO, from?: string): Promise<Answer> =>
  call(token, '/message/send', { ...GROUP, from_uid: 'a', payload }, from);

const CALLS: readonly [string, () => Promise<Answer>][] = [
  ['who shows the token of an app', () => send(app)],
  ['who shows a token that may be none', () => send('guess')],
  ['who sends what is handed over by the database', () => send(MANAGER, base64('x'.repeat(400_000)))],
  ['who changes many members', () => call(MANAGER, '/channel/subscriber_add', { ...GROUP, subscribers: MANY })],
  ['who asks for a page', () => call(MANAGER, '/channel/messagesync', { ...GROUP, limit: 10 })],
  ['who asks for messages', () => call(MANAGER, '/messages', { ...GROUP, message_seqs: [1] })],
  ['who asks for the last number', () => call(MANAGER, '/channel/max_message_seq?channel_id=g&channel_type=2')],
  ['who acknowledges commands', () => call(MANAGER, '/message/syncack', { uid: 'a', last_message_seq: 1 })],
  ['who has read', () => call(MANAGER, '/conversations/clearUnread', { uid: 'a', ...GROUP })],
  ['who lets a device in', () => call(MANAGER, '/user/token', { uid: 'a', token: 't', device_flag: 1 })],
  ['who ends a stream', () => call(MANAGER, '/streammessage/end', { ...GROUP, stream_no: 's' })],
];
/** More text than travels through the broker, in few ids: each of them may take a millisecond more. */
const MANY = Array.from({ length: 1100 }, (_, n) => `${n}`.padEnd(250, 'x'));

describe('while nothing comes from the database, and nobody ends the link', () => {
  const answers = new Map<string, Answer>();
  beforeAll(async () => {
    link.silence();
    const all = CALLS.map(async ([who, ask]) => answers.set(who, await ask()));
    let over: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(all), new Promise((resolve) => (over = setTimeout(resolve, IN_TIME_MS)))]);
    clearTimeout(over);
  }, 20_000);

  it.each(CALLS)('%s hears in time that nobody can serve him', (who) => {
    expect(answers.get(who)).toMatchObject({
      status: 503,
      body: { msg: '服务暂时不可用，请稍后重试！', status: 503, requestId: expect.any(String) },
    });
  });

  it('who has no token is refused as ever, written down or not', async () => {
    expect(await door.call('POST', '/message/send', { body: {} })).toMatchObject({ status: 401, text: '' });
  });

  it('it serves everybody again once the link is there', async () => {
    link.cut();
    await until(
      'a call is served',
      () => send(app),
      ({ status }) => status === 200,
    );
    expect((await send(MANAGER, base64('x'.repeat(400_000)))).status).toBe(200);
  });
});
