import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { msgDoor, type MsgDoor } from './msg-door.fixture.js';

let store: TestDatabase;
let mc: MsgDoor;
let token: string;
beforeAll(async () => {
  store = await testDatabase();
  mc = await msgDoor({ DATABASE_URL: store.url });
  ({ token } = await mc.addApp('app'));
  await mc.addTemplate('plain', { portal: { text: 'plain' } });
  await mc.addUser('known');
  await mc.refresh();
});
afterAll(() => store.drop());

async function half(request: string): Promise<{ socket: Socket; rest: string; answer: Promise<string> }> {
  const socket = connect(mc.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const answer = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  const middle = request.length - 5;
  socket.write(request.slice(0, middle));
  return { socket, rest: request.slice(middle), answer };
}
const post = (path: string, body: object): string => {
  const json = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
};

it('a request that ends while the gateway stops is answered by its door, and kept', async () => {
  const calls = await Promise.all([
    half(post(`/msg/send?access_token=${token}`, { uid: 'known', template: 'plain' })),
    half(post('/msg/send?access_token=wrong', { uid: 'known', template: 'plain' })),
    half(post('/v1/messages', { content: { text: 'x' } })),
    half(post('/message/getProgress', { msgId: 'x' })),
    half(post('/psp/push/msg', { type: 'unicast' })),
  ]);
  await sleep(200); // their heads are read by now: a connection on which nothing began may be ended
  const closed = mc.close();
  await sleep(200); // it takes no more connections by now
  for (const { socket, rest } of calls) socket.write(rest);
  const [sent, refused, native, platform, psp] = await Promise.all(calls.map(({ answer }) => answer));
  expect(sent).toMatch(/^HTTP\/1\.1 200 [^]*connection: close[^]*"code":0,[^]*"ref_no":"/i);
  expect(refused).toMatch(/^HTTP\/1\.1 200 [^]*"code":40001,/);
  expect(native).toMatch(/^HTTP\/1\.1 401 [^]*application\/problem\+json/i);
  expect(platform).toMatch(/"rspCode":"/);
  expect(psp).toMatch(/"error_code":2001,/);
  await closed;
  const client = new Client({ connectionString: store.url });
  await client.connect();
  const { rows } = await client.query('SELECT id FROM message');
  await client.end();
  expect(rows).toEqual([{ id: /"ref_no":"([^"]+)"/.exec(sent ?? '')?.[1] }]);
});
