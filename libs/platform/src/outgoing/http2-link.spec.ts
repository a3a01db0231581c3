import { createSecureServer, type Http2SecureServer, type ServerHttp2Session, type Settings } from 'node:http2';
import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SMTP_CERTIFICATE, SMTP_PRIVATE_KEY } from '../../../../test/support/fakes/smtp-certificate.js';
import { GuardedHttp } from './guarded-http.js';
import type { Http2Link } from './http2-link.js';
import {
  BlockedAddressError,
  OutgoingAnswerError,
  OutgoingConnectError,
  OutgoingTimeoutError,
} from './outgoing-errors.js';

const CERTIFICATE = { key: SMTP_PRIVATE_KEY, cert: SMTP_CERTIFICATE };

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function listening<T extends Server>(server: T): Promise<{ server: T; origin: string }> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  opened.push({ close: () => new Promise((done) => server.close(() => done())) });
  return { server, origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Answers a path of letters with it, `/silent` not at all, `/huge` without end; `/refuse` is a stream it never looked at. */
async function http2Server(
  settings: Settings = {},
): Promise<{ origin: string; sessions: ServerHttp2Session[]; server: Http2SecureServer }> {
  const sessions: ServerHttp2Session[] = [];
  const { server, origin } = await listening(createSecureServer({ ...CERTIFICATE, settings }));
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? '';
    stream.on('error', () => undefined);
    if (path === '/silent') return;
    if (path === '/refuse') return stream.close(7); // REFUSED_STREAM
    if (path === '/reset') return stream.close(2); // INTERNAL_ERROR
    stream.respond({ ':status': 200, 'x-path': path });
    stream.end(path === '/huge' ? 'x'.repeat(1_000_000) : path);
  });
  opened.push({ close: () => Promise.resolve(sessions.forEach((session) => session.destroy())) });
  return { origin, sessions, server };
}

function linkTo(origin: string, allow = ['127.0.0.0/8']): Http2Link {
  const http = new GuardedHttp({ allow });
  const link = http.openHttp2(origin, { ca: [SMTP_CERTIFICATE] });
  opened.push(http, link);
  return link;
}
const get = (link: Http2Link, url: string, timeoutMs = 2000): ReturnType<Http2Link['request']> =>
  link.request({ method: 'GET', url, timeoutMs });

describe('a link by HTTP/2', () => {
  it('carries many requests on one connection', async () => {
    const { origin, sessions } = await http2Server();
    const link = linkTo(origin);
    const answers = await Promise.all(['a', 'b', 'c'].map((path) => get(link, `${origin}/${path}`)));
    expect(answers.map(({ status, headers, body }) => [status, headers['x-path'], body.toString()])).toEqual(
      ['/a', '/b', '/c'].map((path) => [200, path, path]),
    );
    expect(sessions).toHaveLength(1);
  });

  it('waits in line where the other side takes few requests at a time', async () => {
    const { origin, sessions } = await http2Server({ maxConcurrentStreams: 1 });
    const link = linkTo(origin);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => get(link, `${origin}/${n}`)));
    expect(answers.map(({ body }) => body.toString())).toEqual(answers.map((_, n) => `/${n}`));
    expect(sessions).toHaveLength(1);
  });

  it.each([
    ['/silent', OutgoingTimeoutError, true],
    ['/reset', OutgoingAnswerError, true],
    ['/huge', OutgoingAnswerError, true],
    ['/refuse', OutgoingConnectError, false],
  ])('tells of %s whether it was written', async (path, type, requestWritten) => {
    const { origin } = await http2Server();
    const failing = get(linkTo(origin), origin + path, 300);
    await expect(failing).rejects.toThrow(type);
    await expect(failing).rejects.toMatchObject({ requestWritten });
  });

  it('takes another connection after one that brought no answer, or was taken away', async () => {
    const { origin, sessions } = await http2Server();
    const link = linkTo(origin);
    await expect(get(link, `${origin}/silent`, 100)).rejects.toThrow(OutgoingTimeoutError);
    await get(link, `${origin}/a`);
    expect(sessions).toHaveLength(2);
    const gone = new Promise((resolve) => sessions[1]?.once('close', resolve));
    sessions[1]?.close();
    await gone;
    await expect(get(link, `${origin}/a`)).resolves.toMatchObject({ status: 200 });
    expect(sessions).toHaveLength(3);
  });

  it('asks a connection that was silent for long whether it still stands', async () => {
    const { origin, sessions } = await http2Server();
    const link = linkTo(origin);
    await get(link, `${origin}/a`);
    const pinged = new Promise((resolve) => sessions[0]?.once('ping', resolve));
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 120_000);
    await get(link, `${origin}/a`);
    await pinged;
    expect(sessions).toHaveLength(1);
  });

  it('is not for servers that speak something else, or are trusted by nobody', async () => {
    const { origin } = await listening(createTlsServer({ ...CERTIFICATE, ALPNProtocols: ['http/1.1'] }));
    await expect(get(linkTo(origin), `${origin}/a`)).rejects.toThrow(OutgoingConnectError);
    const { origin: other } = await http2Server();
    const link = new GuardedHttp({ allow: ['127.0.0.0/8'] }).openHttp2(other);
    await expect(get(link, `${other}/a`)).rejects.toThrow(OutgoingConnectError);
  });

  it.each([
    ['an address that is not open', [], ''],
    ['another origin', ['127.0.0.0/8'], 'https://127.0.0.1:1'],
  ])('does not call %s', async (_title, allow, elsewhere) => {
    const { origin, sessions } = await http2Server();
    await expect(get(linkTo(origin, allow), `${elsewhere || origin}/a`)).rejects.toThrow(BlockedAddressError);
    expect(sessions).toHaveLength(0);
  });

  it('is over once it is closed', async () => {
    const { origin } = await http2Server();
    const link = linkTo(origin);
    await get(link, `${origin}/a`);
    await link.close();
    await link.close();
    await expect(get(link, `${origin}/a`)).rejects.toMatchObject({ requestWritten: false });
  });
});
