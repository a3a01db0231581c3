import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  addresses,
  client,
  closeAll,
  failureOf,
  get,
  LOOPBACK,
  web,
} from '../../../../test/unit/platform/loopback-servers.js';
import { OutgoingRequestError, OutgoingTimeoutError } from './outgoing-errors.js';

afterEach(closeAll);

describe('an exchange', () => {
  it('carries method, headers and the exact bytes, and answers status, headers and body', async () => {
    const { url } = await web(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.writeHead(201, { 'X-Seen': 'yes', 'set-cookie': ['a=1', 'b=2'] });
      response.end(
        JSON.stringify([request.method, request.url, request.headers['x-id'], Buffer.concat(chunks).toString()]),
      );
    });
    const answer = await client().request({
      method: 'POST',
      url: `${url}/hook?a=%20b`,
      headers: { 'x-id': '7' },
      body: '正文',
      timeoutMs: 5_000,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({ 'x-seen': 'yes', 'set-cookie': 'a=1, b=2' });
    expect(JSON.parse(answer.body.toString())).toEqual(['POST', '/hook?a=%20b', '7', '正文']);
  });

  it.each([204, 304, 400, 410, 429, 500, 503])('answers status %i instead of throwing', async (status) => {
    const { url } = await web((_request, response) => response.writeHead(status).end());
    await expect(get(client(), url)).resolves.toMatchObject({ status });
  });

  it('reuses connections and carries many exchanges at once', async () => {
    const { url, connections } = await web((_request, response) => response.end('ok'));
    const http = client();
    const answers = await Promise.all(Array.from({ length: 300 }, () => get(http, url)));
    expect(answers.every((answer) => answer.body.toString() === 'ok')).toBe(true);
    expect(connections()).toBeLessThanOrEqual(128);
  });

  it('passes over interim answers', async () => {
    const { url } = await web((_request, response) => {
      response.writeEarlyHints({ link: '</x>; rel=preload' });
      response.writeHead(200).end('real');
    });
    expect((await get(client(), url)).body.toString()).toBe('real');
  });

  it('refuses header values that would end the line', async () => {
    const { url, connections } = await web((_request, response) => response.end());
    const failure = await failureOf(
      client().request({ method: 'POST', url, headers: { 'x-id': 'a\r\nhost: b' }, timeoutMs: 1_000 }),
    );
    expect(failure).toBeInstanceOf(OutgoingRequestError);
    expect(failure).toMatchObject({ kind: 'invalid', requestWritten: false });
    expect(connections()).toBe(0);
  });
});

describe('the deadline', () => {
  it('covers resolving, and says that nothing was written', async () => {
    const http = client(LOOPBACK, () => new Promise(() => undefined));
    const failure = await failureOf(get(http, 'http://slow.example.com/', { timeoutMs: 50 }));
    expect(failure).toBeInstanceOf(OutgoingTimeoutError);
    expect(failure).toMatchObject({ kind: 'transient', requestWritten: false });
  });

  it('sends nothing when the connection comes up after it', async () => {
    let requests = 0;
    const { server, port } = await web((_request, response) => {
      requests += 1;
      response.end();
    });
    let resolveNow: () => void = () => undefined;
    const http = client(LOOPBACK, () => new Promise((resolve) => (resolveNow = () => resolve(addresses('127.0.0.1')))));
    await expect(get(http, `http://late.example.com:${port}/`, { timeoutMs: 30 })).rejects.toBeInstanceOf(
      OutgoingTimeoutError,
    );
    const connected = once(server, 'connection') as Promise<[Socket]>;
    resolveNow();
    const [socket] = await connected;
    await http.close();
    if (!socket.closed) await once(socket, 'close');
    expect(requests).toBe(0);
  });

  it('covers waiting for the answer, and says that the request was written', async () => {
    const { url } = await web(() => undefined);
    await expect(get(client(), url, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'OUTGOING_TIMEOUT',
      requestWritten: true,
    });
  });

  it('cuts an answer that drips, and hangs up', async () => {
    const { server, url } = await web((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const failure = failureOf(get(client(), url, { timeoutMs: 200 }));
    const [socket] = await connected;
    // Not by `once` of events: the drip may find the line reset, and that error is the hanging up, too.
    const hungUp = new Promise((resolve) => socket.on('close', resolve));
    expect(await failure).toMatchObject({ code: 'OUTGOING_TIMEOUT', requestWritten: true });
    await hungUp;
  });

  it('gives way to a signal of the caller', async () => {
    const { url } = await web(() => undefined);
    const abort = new AbortController();
    const failure = failureOf(get(client(), url, { signal: abort.signal }));
    abort.abort();
    expect(await failure).toBeInstanceOf(OutgoingTimeoutError);
    expect(await failureOf(get(client(), url, { signal: AbortSignal.abort() }))).toMatchObject({
      requestWritten: false,
    });
  });
});
