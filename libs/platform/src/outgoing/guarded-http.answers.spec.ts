import { once } from 'node:events';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  client,
  closeAll,
  failureOf,
  get,
  LOOPBACK,
  tcp,
  web,
} from '../../../../test/unit/platform/loopback-servers.js';
import { OutgoingAnswerError, OutgoingConnectError } from './outgoing-errors.js';

afterEach(closeAll);

describe('hostile answers', () => {
  it('takes an answer of exactly the limit and refuses one byte more, whether announced or not', async () => {
    const { url } = await web((request, response) => {
      const body = Buffer.alloc(Number(request.url?.slice(2)), 'x');
      if (request.url?.startsWith('/c')) response.write(body.subarray(0, 10));
      response.end(request.url?.startsWith('/c') ? body.subarray(10) : body);
    });
    const http = client();
    for (const kind of ['/l', '/c']) {
      expect((await get(http, `${url}${kind}1000`, { maxResponseBytes: 1000 })).body).toHaveLength(1000);
      const failure = await failureOf(get(http, `${url}${kind}1001`, { maxResponseBytes: 1000 }));
      expect(failure).toBeInstanceOf(OutgoingAnswerError);
      expect(failure).toMatchObject({ status: 200, requestWritten: true });
    }
  });

  it('stops reading an endless answer at 64 KiB', async () => {
    const { url } = await web((_request, response) => {
      const pour = (): void => {
        while (response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', pour);
      pour();
    });
    await expect(get(client(), url)).rejects.toMatchObject({ code: 'OUTGOING_ANSWER', status: 200 });
  });

  it('asks for no compression and never unpacks what comes compressed all the same', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const asked: unknown[] = [];
    const { url } = await web((request, response) => {
      asked.push(request.headers['accept-encoding']);
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const { body } = await get(client(), url, { maxResponseBytes: bomb.length });
    expect(body.equals(bomb)).toBe(true);
    expect(asked).toEqual(['identity']);
  });

  it.each([
    ['resets the connection', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['closes it without a word', (socket: Socket) => socket.once('data', () => socket.end())],
    ['does not speak HTTP', (socket: Socket) => socket.once('data', () => socket.end('220 smtp ready\r\n'))],
    [
      'closes it inside the body',
      (s: Socket) => s.once('data', () => s.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab')),
    ],
    [
      'sends 100 kB of headers',
      (s: Socket) => s.once('data', () => s.end(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`)),
    ],
  ])('reports an unknown outcome when the other side %s', async (_case, onSocket) => {
    const { url } = await tcp(onSocket);
    const failure = await failureOf(get(client(), url));
    expect(failure).toBeInstanceOf(OutgoingAnswerError);
    expect(failure).toMatchObject({ kind: 'transient', requestWritten: true });
  });

  it('reports that nothing was written when the connection is refused or the name unknown', async () => {
    const { url, server } = await web(() => undefined);
    server.close();
    await once(server, 'close');
    const unknown = client(LOOPBACK, () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })));
    const nowhere = client(LOOPBACK, async () => []);
    const calls = [get(client(), url), get(unknown, 'http://a.example.com/'), get(nowhere, 'http://b.example.com/')];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toBeInstanceOf(OutgoingConnectError);
      expect(failure).toMatchObject({ kind: 'transient', requestWritten: false });
    }
  });
});
