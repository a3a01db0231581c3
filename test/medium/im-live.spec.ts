import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { sdkClient, SDK_STATUS, type SdkClient } from '../support/im-sdk.js';
import { freePort } from '../support/processes.js';
import { until } from '../support/core-app.js';
import { base64, imDoor, type ImDoor } from './im-door.fixture.js';

let door: ImDoor;
let port: number;
const clients: SdkClient[] = [];

beforeAll(async () => {
  port = await freePort();
  door = await imDoor({ IM_WS_PORT: String(port), IM_CORS_ORIGINS: 'https://chat.example.com' });
});
afterAll(() => door?.close());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

const connected = async (uid: string, more: { token?: string; deviceFlag?: number } = {}): Promise<SdkClient> => {
  const client = await sdkClient({ port, uid, ...more });
  clients.push(client);
  await until(
    'status of the connection',
    async () => client.statuses,
    (seen) => seen.length > 0,
  );
  expect(client.statuses).toEqual([SDK_STATUS.connected]);
  return client;
};
const some = <T>(what: string, list: readonly T[], count = 1): Promise<readonly T[]> =>
  until(
    what,
    async () => list,
    (seen) => seen.length >= count,
  );

describe('the stock SDK', () => {
  it('connects and gets what a server sends to its uid', async () => {
    const bob = await connected('bob');
    const sent = await door.send({ header: { red_dot: 1 }, from_uid: 'alice', channel_id: 'bob', channel_type: 1 });
    const [message] = await some('the message', bob.messages);
    expect(message).toMatchObject({
      fromUID: 'alice',
      channel: { channelID: 'alice', channelType: 1 },
      messageSeq: sent.message_seq,
      clientMsgNo: sent.client_msg_no,
      content: { text: 'hello' },
      header: { reddot: true },
    });
    expect(String(message?.messageID)).toBe(sent.message_id);
  });

  it('gets commands', async () => {
    const bob = await connected('bob-cmd');
    const payload = base64(JSON.stringify({ type: 99, cmd: 'friendDeleted', param: { uid: 'x' } }));
    await door.send({ header: { sync_once: 1 }, from_uid: 'sys', channel_id: 'bob-cmd', channel_type: 1, payload });
    const [command] = await some('the command', bob.commands);
    expect(command?.content).toMatchObject({ cmd: 'friendDeleted', param: { uid: 'x' } });
  });

  it('sends, and what is acknowledged stands in the log', async () => {
    const [eve, carol] = [await connected('eve'), await connected('carol')];
    const clientSeq = await eve.sendText('good evening', 'carol');
    const [ack] = await some('the acknowledgement', eve.acks);
    expect(ack).toMatchObject({ clientSeq, messageSeq: 1, reasonCode: 1 });
    const [message] = await some('the message', carol.messages);
    expect(message).toMatchObject({ fromUID: 'eve', content: { text: 'good evening' } });
    const { messages } = await door.page({ login_uid: 'carol', channel_id: 'eve', channel_type: 1, limit: 10 });
    expect(messages).toMatchObject([{ message_idstr: ack?.messageID.toString(), message_seq: 1, from_uid: 'eve' }]);
  });
});

describe('the listener, where nobody is asked who he is', () => {
  const statusFor = async (headers: Record<string, string>): Promise<number | undefined> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers });
    socket.on('error', () => undefined); // of a connection that is given up before it stands
    const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode as number);
    const status = await Promise.race([once(socket, 'open').then(() => 101), refused]);
    socket.terminate();
    return status;
  };

  it.each<[string, Record<string, string>, number]>([
    ['a page of somebody else', { origin: 'http://evil.example' }, 403],
    ['a name that was made to point here', { host: 'evil.example:5200' }, 403],
    ['a page of this machine', { origin: 'http://localhost:3000' }, 101],
    ['a page that was allowed', { origin: 'https://chat.example.com' }, 101],
    ['no browser', {}, 101],
  ])('answers %s', async (_, headers, status) => {
    expect(await statusFor(headers)).toBe(status);
  });
});
