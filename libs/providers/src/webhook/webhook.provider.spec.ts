import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import type { ChannelProvider, Outcome } from '../port/channel-provider.port.js';
import { WebhookFactory } from './webhook.factory.js';

const SECRET = `whsec_${Buffer.from('a secret of exactly 32 bytes long').toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.from('another secret, it is 31 bytes.').toString('base64')}`;
const never = new AbortController().signal;

interface Taken {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver; `/status/<n>` answers that status, `/silent` nothing, `/break` half an answer, `/big` more than is read. */
class Receiver {
  readonly taken: Taken[] = [];
  running = 0;
  mostRunning = 0;
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new Receiver(server, (server.address() as AddressInfo).port);
    server.on('request', (request, response) => {
      receiver.mostRunning = Math.max(receiver.mostRunning, ++receiver.running);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        receiver.taken.push({
          url: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        });
        setImmediate(() => {
          receiver.running--;
          answer(request.url ?? '', response);
        });
      });
    });
    return receiver;
  }

  url(path = '/hook'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

function answer(url: string, response: ServerResponse): void {
  const status = /^\/status\/(\d+)/.exec(url)?.[1];
  if (url.startsWith('/silent')) return;
  if (url.startsWith('/break')) {
    response.writeHead(200, { 'content-length': 100 }).write('half');
    setImmediate(() => response.destroy());
  } else if (url.startsWith('/drop')) response.destroy();
  else if (url.startsWith('/big')) response.end('x'.repeat(1_000_000));
  else if (url.startsWith('/moved')) response.writeHead(302, { location: '/hook' }).end();
  else if (url.startsWith('/busy')) response.writeHead(429, { 'retry-after': '7' }).end('busy');
  else response.writeHead(Number(status ?? 204)).end(status ? `${SECRET} ${'long '.repeat(1000)}` : undefined);
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const openReceiver = async (): Promise<Receiver> => opening(await Receiver.open());

const connect = (settings: Record<string, unknown> = {}, allow = ['127.0.0.0/8']): ChannelProvider => {
  const http = opening(new GuardedHttp({ allow }));
  return new WebhookFactory(http).create({ id: 'acct-canary-3', channel: 'webhook', provider: 'webhook', settings });
};
const sendOne = async (provider: ChannelProvider, url: string): Promise<Outcome | undefined> =>
  (await provider.send([outbound(url)], never))[0];

describe('webhook', () => {
  itIsAChannelProvider(async () => {
    const receiver = await openReceiver();
    const nobody = `http://127.0.0.1:${await closedPort()}/`;
    const away = connect({ secret: SECRET });
    return {
      provider: connect({ secret: SECRET }),
      goodAddress: (n) => receiver.url(`/hook/${n}`),
      refusedAddress: receiver.url('/status/400'),
      silentAddress: receiver.url('/silent'),
      unreachable: {
        channel: 'webhook',
        name: 'webhook',
        maxBatch: 200,
        isIdempotent: true,
        send: (batch, signal) =>
          away.send(
            batch.map((delivery) => ({ ...delivery, address: nobody })),
            signal,
          ),
        close: () => away.close(),
      },
      secrets: [SECRET],
      accountId: 'acct-canary-3',
      received: () => JSON.stringify(receiver.taken),
      close: () => Promise.resolve(),
    };
  });

  it('posts the content as signed JSON that the reference library verifies', async () => {
    const receiver = await openReceiver();
    const delivery = outbound(receiver.url(), {
      source: 'Billing',
      content: { title: '标题', text: 'words', url: 'https://e.com/1', params: { a: 'private' }, templateId: 'T' },
    });
    const [outcome] = await connect({ secret: SECRET, previousSecret: OLD_SECRET }).send([delivery], never);
    expect(outcome).toEqual({ class: 'ok', code: 'http_204', proves: 'delivered' });
    const [taken] = receiver.taken;
    const headers = taken?.headers as Record<string, string>;
    expect(headers['webhook-id']).toBe(delivery.ref);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    for (const secret of [SECRET, OLD_SECRET]) {
      expect(new Webhook(secret).verify(taken?.body ?? '', headers)).toEqual({
        type: 'message',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        data: { ref: delivery.ref, source: 'Billing', title: '标题', text: 'words', url: 'https://e.com/1' },
      });
    }
    expect(() => new Webhook(SECRET).verify(`${taken?.body} `, headers)).toThrow();
  });

  it('sends unsigned where no secret is set', async () => {
    const receiver = await openReceiver();
    await sendOne(connect(), receiver.url());
    expect(receiver.taken[0]?.headers).not.toHaveProperty('webhook-signature');
    expect(receiver.taken[0]?.headers).toHaveProperty('webhook-timestamp');
  });

  it('keeps its id across retries, so that a receiver can take it once', async () => {
    const receiver = await openReceiver();
    const provider = connect();
    const delivery = outbound(receiver.url());
    await provider.send([delivery], never);
    await provider.send([{ ...delivery, attempt: 2 }], never);
    expect(provider.isIdempotent).toBe(true);
    expect(new Set(receiver.taken.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery.ref]));
  });

  it.each([
    ['/moved', { class: 'bad_recipient', code: 'http_302' }],
    ['/status/410', { class: 'bad_recipient', code: 'http_410' }],
    ['/status/422', { class: 'bad_content', code: 'http_422' }],
    ['/status/500', { class: 'retry', code: 'http_500' }],
    ['/busy', { class: 'rate_limited', code: 'http_429', retryAfterMs: 7000, words: 'busy' }],
    ['/drop', { class: 'unknown_outcome', code: 'broken_answer' }],
    ['/break', { class: 'unknown_outcome', code: 'broken_answer' }],
    ['/big', { class: 'unknown_outcome', code: 'broken_answer' }],
    ['/silent', { class: 'unknown_outcome', code: 'timeout' }],
  ])('answers %s with %j', async (path, expected) => {
    const receiver = await openReceiver();
    await expect(sendOne(connect({ timeoutMs: 500 }), receiver.url(path))).resolves.toMatchObject(expected);
    expect(receiver.taken).toHaveLength(1);
  });

  it('keeps the account’s secrets out of what a receiver says', async () => {
    const receiver = await openReceiver();
    const outcome = await sendOne(connect({ secret: SECRET }), receiver.url('/status/500'));
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });

  it('answers connection_refused where nobody listens', async () => {
    const outcome = await sendOne(connect(), `http://127.0.0.1:${await closedPort()}/`);
    expect(outcome).toMatchObject({ class: 'retry', code: 'connection_refused' });
  });

  it.each([
    'http://127.0.0.1:1/',
    'http://2130706433/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/',
    'http://u:p@e.com/',
    'ftp://e.com',
    'nonsense',
    '',
  ])('does not call %j', async (url) => {
    await expect(sendOne(connect({}, []), url)).resolves.toMatchObject({
      class: 'bad_recipient',
      code: 'blocked_address',
    });
  });

  it('keeps to its concurrency, and one silent receiver holds up nobody else', async () => {
    const receiver = await openReceiver();
    const batch = [
      outbound(receiver.url('/silent')),
      ...Array.from({ length: 40 }, (_, i) => outbound(receiver.url(`/hook/${i}`))),
    ];
    const outcomes = await connect({ concurrency: 4, timeoutMs: 1500 }).send(batch, never);
    expect(outcomes.filter((outcome) => outcome.class === 'ok')).toHaveLength(40);
    expect(outcomes[0]?.class).toBe('unknown_outcome');
    expect(receiver.mostRunning).toBeLessThanOrEqual(4);
    expect(receiver.mostRunning).toBeGreaterThan(1);
  });
});
