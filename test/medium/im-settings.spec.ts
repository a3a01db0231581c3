import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';
import { HELLO, imDoor, type ImDoor } from './im-door.fixture.js';

const MESSAGE = { from_uid: 'a', channel_id: 'g', channel_type: 2, payload: HELLO };
const MANAGER = 'the-managers-token-of-the-door';

describe('IM_AUTH=token', () => {
  let door: ImDoor;
  beforeAll(async () => {
    door = await imDoor({ IM_AUTH: 'token', IM_MANAGER_TOKEN: MANAGER, IM_CORS_ORIGINS: 'https://chat.example.com' });
  });
  afterAll(() => door?.close());
  const send = (headers: Record<string, string>) => door.call('POST', '/message/send', { body: MESSAGE, headers });

  it('lets in the manager, and client apps with the feature, in either header', async () => {
    const app = await door.clientApp({ features: ['im'] });
    const letIn: Record<string, string>[] = [
      { token: MANAGER },
      { token: app.token },
      { authorization: `Bearer ${app.token}` },
      { authorization: app.token },
    ];
    for (const headers of letIn) expect((await send(headers)).status).toBe(200);
  });

  it('lets in nobody else: an empty 401', async () => {
    const other = await door.clientApp({ features: ['broadcast'] });
    const outside: Record<string, string>[] = [
      {},
      { token: '' },
      { token: 'wrong' },
      { token: other.token },
      { token: `${MANAGER}x` },
    ];
    for (const headers of outside) {
      const answer = await send(headers);
      expect([answer.status, answer.text]).toEqual([401, '']);
    }
    expect((await door.call('GET', '/channel/max_message_seq?channel_id=g&channel_type=2')).status).toBe(401);
  });

  it('looks at ten wrong tokens of an address per minute, also when they come at once; apps go on working', async () => {
    const app = await door.clientApp({ features: ['im'] });
    const statusOf = async (token: string, from: string): Promise<number> =>
      (await door.call('POST', '/message/send', { body: MESSAGE, headers: { token }, from })).status;
    const lookedAt: number[] = [];
    for (const from of ['127.0.0.21', '127.0.0.22']) {
      const guesses = Array.from({ length: 30 }, (_, i) => statusOf(`guess-${from}-${i}`, from));
      lookedAt.push((await Promise.all(guesses)).filter((status) => status === 401).length);
      expect(await statusOf(app.token, from)).toBe(200);
    }
    expect(Math.min(...lookedAt)).toBeLessThanOrEqual(10); // of one of them the minute may end
    for (let i = 0; i < 12; i++) expect(await statusOf('an-expired-token', '127.0.0.23')).toBe(401);
    expect(await statusOf(MANAGER, '127.0.0.23')).toBe(200);
  });

  it('keeps a client app within its rate', async () => {
    const app = await door.clientApp({ features: ['im'], rateLimit: { perSecond: 1 } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => send({ token: app.token })));
    const limited = answers.find(({ status }) => status === 429);
    expect(limited?.headers['retry-after']).toBe('1');
    expect(limited?.body).toEqual({ msg: '请求过于频繁，请稍后重试！', status: 429 });
  });

  it('names allowed origins to browsers, and no other', async () => {
    const preflight = (origin: string) => door.call('GET', '/message/send', { headers: { origin } });
    const options = await door.call('OPTIONS' as 'GET', '/message/send', {
      headers: { origin: 'https://chat.example.com' },
    });
    expect([options.status, options.text]).toEqual([204, '']);
    expect(options.headers['access-control-allow-origin']).toBe('https://chat.example.com');
    expect((await preflight('https://else.example.com')).headers['access-control-allow-origin']).toBeUndefined();
    const sent = await send({ token: MANAGER, origin: 'https://chat.example.com' });
    expect([sent.status, sent.headers['access-control-allow-origin']]).toEqual([200, 'https://chat.example.com']);
  });
});

describe('IM_AUTH=none', () => {
  describe('on a loopback address', () => {
    let gateway: GatewayApp;
    beforeAll(async () => {
      // With nobody behind the door.
      gateway = await gatewayApp({ IM_AUTH: 'none', HOST: '127.0.0.1' }, { rootModule: GatewayModule });
    });
    afterAll(() => gateway?.close());

    it.each<[string, Record<string, string>, number]>([
      ['a page of somebody else', { origin: 'https://evil.example.com' }, 403],
      ['a page without an origin of its own', { origin: 'null' }, 403],
      ['a form of somebody else', { 'sec-fetch-site': 'cross-site' }, 403],
      ['a name that was made to point here', { host: 'evil.example.com' }, 403],
      ['a server', {}, 400],
      ['our own page', { host: 'localhost:3000', origin: 'http://localhost:3000' }, 400],
    ])('%s', async (_, headers, status) => {
      const answer = await gateway.call('POST', '/message/send', { body: '{}', headers });
      expect(answer.status).toBe(status);
      if (status === 403) expect(answer.text).toBe('');
    });

    it.each([
      ['/message/send', MESSAGE],
      ['/message/send', { ...MESSAGE, payload: 'YWFh'.repeat(200_000) }],
      ['/message/sendbatch', { from_uid: 'a', subscribers: ['b'], payload: HELLO }],
      ['/channel/subscriber_add', { channel_id: 'g', subscribers: ['a'] }],
      ['/streammessage/start', MESSAGE],
    ])('%s says within 2 s that nobody is there', async (path, body) => {
      const startedAt = performance.now();
      const answer = await gateway.call('POST', path, { body });
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect([answer.status, answer.body]).toEqual([
        503,
        { msg: '服务暂时不可用，请稍后重试！', status: 503, requestId: answer.headers['x-request-id'] },
      ]);
    });
  });
});
