import { connect } from 'node:net';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';

const BODY = '{"appId":"x","appPassword":"y"}';
const HOST = 'Host: localhost\r\nContent-Type: application/json\r\n';

let gateway: GatewayApp;
beforeAll(async () => {
  gateway = await gatewayApp();
});
afterAll(() => gateway.close());

/** Says it as it stands, and listens until the other side hangs up; answers the status lines that came. */
function say(words: string): Promise<string[]> {
  const socket = connect(gateway.port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
  socket.on('error', () => undefined); // hung up while we were still speaking
  socket.write(words, 'latin1');
  return new Promise((resolve) => socket.once('close', () => resolve(heard.match(/HTTP\/1\.1 \d+/g) ?? [])));
}
const post = (headers: string, body: string): string => `POST /v1/token HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
/** What an intermediary may have taken for the body of the first request, and we must not take for another request. */
const HIDDEN = `GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n`;

describe('a request that two readers may read in two ways', () => {
  it.each([
    ['a length and chunks', post(`Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${HIDDEN}`)],
    ['chunks and a length', post(`Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`, `0\r\n\r\n${HIDDEN}`)],
    ['two lengths', post(`Content-Length: ${BODY.length}\r\nContent-Length: 0\r\n`, BODY + HIDDEN)],
    ['a length that is no number', post(`Content-Length: +${BODY.length}\r\n`, BODY + HIDDEN)],
    ['an unknown encoding', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['chunks before another encoding', post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['a space before the colon', post(`Content-Length : ${BODY.length}\r\n`, BODY + HIDDEN)],
    ['a header of two lines', post(`X-A: a\r\n Content-Length: 0\r\nContent-Length: ${BODY.length}\r\n\0`, HIDDEN)],
    ['a chunk whose length is none', post('Transfer-Encoding: chunked\r\n', `0x1\r\na\r\n0\r\n\r\n${HIDDEN}`)],
    ['no host', `GET /health/live HTTP/1.1\r\n\r\n${HIDDEN}`],
  ])('%s, is refused whole, and the connection ends', async (_, words) => {
    expect(await say(words)).toEqual(['HTTP/1.1 400']);
  });
});

describe('the public listener', () => {
  it('refuses headers of more than 16 KiB, however they are cut', async () => {
    const one = `X-A: ${'a'.repeat(17 * 1024)}\r\n`;
    const many = Array.from({ length: 1000 }, (_, i) => `X-${i}: ${'a'.repeat(16)}\r\n`).join('');
    for (const headers of [one, many]) expect(await say(post(headers, ''))).toEqual(['HTTP/1.1 431']);
    expect(await say(`GET /${'a'.repeat(17 * 1024)} HTTP/1.1\r\n${HOST}\r\n`)).toEqual(['HTTP/1.1 431']);
  });

  it.each(['TRACE', 'CONNECT', 'PROPFIND', 'TRACK'])('does not do %s', async (method) => {
    const [status] = await say(`${method} /v1/messages HTTP/1.1\r\n${HOST}Connection: close\r\nX-Echo: me\r\n\r\n`);
    expect(status ?? 'hung up').toMatch(/^(HTTP\/1\.1 40[0145]|hung up)$/);
  });

  it('waits for headers that drip no longer than a minute, and serves others meanwhile', async () => {
    const { headersTimeout, requestTimeout } = gateway.app.getHttpServer() as Server;
    expect(headersTimeout).toBeGreaterThan(0);
    expect(headersTimeout).toBeLessThanOrEqual(60_000);
    expect(requestTimeout).toBeGreaterThan(0);
    const slow = Array.from({ length: 200 }, () => connect(gateway.port, '127.0.0.1'));
    for (const socket of slow) socket.write('GET / HTTP/1.1\r\nX-Drip: a');
    await Promise.all(slow.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    expect((await gateway.call('GET', '/health/live')).status).toBe(200);
    for (const socket of slow) socket.destroy();
  });
});
