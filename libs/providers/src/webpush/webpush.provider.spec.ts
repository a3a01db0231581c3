import { createECDH, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import webpush from 'web-push';
import type { WebPushSubscription } from '#contracts';
import { GuardedHttp } from '#platform';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { WebPushService } from '../../../../test/support/fakes/web-push-service.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { settingsProblemsOf } from '../registry/read-settings.js';
import { WebpushFactory } from './webpush.factory.js';
import { WebpushSettings } from './webpush.settings.js';

const never = new AbortController().signal;
const VAPID = webpush.generateVAPIDKeys();
const ACCOUNT = { ...VAPID, subject: 'mailto:admin@example.com' };

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const connect = (settings: Record<string, unknown> = {}, allow = ['127.0.0.0/8', '::1/128']): ChannelProvider => {
  const http = opening(new GuardedHttp({ allow }));
  return opening(
    new WebpushFactory(http).create({
      id: 'acct-canary-24',
      channel: 'push',
      provider: 'webpush',
      settings: { timeoutMs: 15_000, ...ACCOUNT, ...settings },
    }),
  );
};
const ofBrowser = (subscription: WebPushSubscription): Pick<OutboundDelivery, 'device'> => ({
  device: { platform: 'web', isTest: false, subscription },
});
/** A browser whose pushes nobody reads. */
function subscriptionAt(endpoint: string): WebPushSubscription {
  const browser = createECDH('prime256v1');
  return {
    endpoint,
    keys: { p256dh: browser.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
  };
}
/** The same adapter where each token is a browser at `<baseUrl>/<token>`. */
const behind = (provider: ChannelProvider, baseUrl: string): ChannelProvider => ({
  channel: provider.channel,
  name: provider.name,
  maxBatch: provider.maxBatch,
  isIdempotent: provider.isIdempotent,
  send: (batch, signal) =>
    provider.send(
      batch.map((delivery) => ({ ...delivery, ...ofBrowser(subscriptionAt(`${baseUrl}/${delivery.address}`)) })),
      signal,
    ),
  close: () => provider.close(),
});

/** Answers by the last part of the path: a status, or silence. */
async function pushServer(): Promise<{ baseUrl: string; bodies: string[]; close(): Promise<void> }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(`${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(chunks).toString('latin1')}`);
      const [, status] = /\/(\d{3})$/.exec(request.url ?? '') ?? [];
      if (request.url?.endsWith('/silent')) return;
      response.writeHead(Number(status ?? 201), { 'retry-after': '7' }).end(status ? 'words '.repeat(1000) : undefined);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return opening({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, close });
}

describe('Web Push', () => {
  itIsAChannelProvider(async () => {
    const server = await pushServer();
    return {
      provider: behind(connect(), server.baseUrl),
      goodAddress: (n) => `browser-${n}`,
      refusedAddress: '413',
      silentAddress: 'silent',
      unreachable: behind(connect(), `http://127.0.0.1:${await closedPort()}`),
      secrets: [VAPID.privateKey],
      accountId: 'acct-canary-24',
      received: () => JSON.stringify(server.bodies),
      // It is encrypted: see below.
      carriesRef: false,
      close: () => Promise.resolve(),
    };
  });

  itSurvivesVendorFaults({
    repeatsOn5xx: true,
    connect: (baseUrl) => behind(connect({ timeoutMs: 1500 }), baseUrl),
    healthy: () => ({}),
    isSend: () => true,
    address: 'browser',
    manners: () => ({ status: 201, isSilent: true }),
    instead: {
      http_302: { class: 'bad_recipient', isAddressKept: true },
      http_404: { class: 'bad_recipient' },
      http_429: { code: 'push_service_429' },
    },
  });

  describe('with browsers that decrypt', () => {
    let service: WebPushService;
    beforeAll(async () => {
      service = await WebPushService.open();
    });
    afterAll(() => service.close());
    const sendOne = async (more: Partial<OutboundDelivery>): Promise<Outcome | undefined> =>
      (await connect().send([outbound('browser', more)], never))[0];

    it('tells the page’s service worker in JSON what an MQTT device is told', async () => {
      const browser = await service.subscribe(VAPID.publicKey);
      const content = { title: '会议', text: '三点', url: 'https://h.test/1' };
      await expect(sendOne({ ref: 'ref-1', content, ...ofBrowser(browser) })).resolves.toEqual({
        class: 'ok',
        code: 'http_201',
      });
      const payload = { display: 'message', custom: { a: ['二'] } } as const;
      await sendOne({ ref: 'ref-2', content: { payload }, ...ofBrowser(browser) });
      const sentAt = expect.stringMatching(/^\d{4}-.*Z$/);
      await expect(service.received(browser.clientHash)).resolves.toEqual([
        { ref: 'ref-1', kind: 'notification', title: '会议', body: '三点', url: 'https://h.test/1', sentAt },
        { ref: 'ref-2', kind: 'message', custom: { a: ['二'] }, sentAt },
      ]);
    });

    it('is taken where the library’s own client is', async () => {
      const browser = await service.subscribe(VAPID.publicKey);
      const { endpoint, headers, body } = webpush.generateRequestDetails(browser, '{"by":"web-push"}', {
        vapidDetails: ACCOUNT,
      });
      const sent = await fetch(endpoint, {
        method: 'POST',
        headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'Content-Length')) as Record<
          string,
          string
        >,
        body: new Uint8Array(body ?? []),
      });
      expect([sent.status, await service.received(browser.clientHash)]).toEqual([201, [{ by: 'web-push' }]]);
    });

    it('cuts a long text so that the body is no longer than push services take', async () => {
      const browser = await service.subscribe(VAPID.publicKey);
      const content = { title: 'T', text: '很长的话'.repeat(1000) };
      await expect(sendOne({ content, ...ofBrowser(browser) })).resolves.toMatchObject({ class: 'ok' });
      const [got] = await service.received(browser.clientHash);
      expect(got?.body).toMatch(/^很长.*…$/);
      const bytes = Buffer.byteLength(JSON.stringify(got));
      expect(bytes).toBeLessThanOrEqual(3993);
      expect(bytes).toBeGreaterThan(3980);
    });

    it('learns that a subscription has expired: it is dead', async () => {
      const browser = await service.subscribe(VAPID.publicKey);
      await service.expire(browser.clientHash);
      const outcome = await sendOne(ofBrowser(browser));
      expect(outcome).toMatchObject({ class: 'bad_recipient', code: 'http_410' });
      expect(outcome).not.toHaveProperty('isAddressKept');
    });

    it('is refused by a page that subscribed with other keys', async () => {
      const browser = await service.subscribe(webpush.generateVAPIDKeys().publicKey);
      await expect(sendOne(ofBrowser(browser))).resolves.toMatchObject({ class: 'bad_content', code: 'http_400' });
      await expect(service.received(browser.clientHash)).resolves.toEqual([]);
    });
  });

  const statusOutcome = async (status: number): Promise<Outcome | undefined> => {
    const { baseUrl } = await pushServer();
    return (await behind(connect(), baseUrl).send([outbound(String(status))], never))[0];
  };
  it.each([
    [201, { class: 'ok' }],
    [202, { class: 'ok' }],
    [204, { class: 'unknown_outcome' }],
    [404, { class: 'bad_recipient' }],
    [410, { class: 'bad_recipient' }],
    [400, { class: 'bad_content' }],
    [413, { class: 'bad_content' }],
    [401, { class: 'bad_config' }],
    [403, { class: 'bad_config' }],
    [406, { class: 'rate_limited', retryAfterMs: 7000, code: 'push_service_406' }],
    [429, { class: 'rate_limited', retryAfterMs: 7000, code: 'push_service_429' }],
    [500, { class: 'retry' }],
    [503, { class: 'rate_limited', retryAfterMs: 7000 }],
  ])('answers %i with %j', async (status, expected) => {
    const outcome = await statusOutcome(status);
    expect(outcome).toMatchObject(expected);
    expect(outcome).not.toHaveProperty('isAddressKept');
  });

  it('is stopped by a page with other keys only as long as its own may be the wrong ones', async () => {
    const { baseUrl } = await pushServer();
    const provider = behind(connect(), baseUrl);
    const classOf = async (address: string): Promise<unknown> => (await provider.send([outbound(address)], never))[0];
    await expect(classOf('403')).resolves.toMatchObject({ class: 'bad_config' });
    await classOf('201');
    await expect(classOf('403')).resolves.toMatchObject({ class: 'bad_recipient', isAddressKept: true });
  });

  it('says how long it is to be kept, how urgent it is and what it replaces', async () => {
    const { baseUrl, bodies } = await pushServer();
    const provider = behind(connect({ ttlS: 60 }), baseUrl);
    await provider.send([outbound('b', { expiresAt: new Date(Date.now() + 3600_000) })], never);
    const config = { payload: { display: 'config', body: 'cache=2' } } as const;
    await provider.send([outbound('b', { content: config, replaces: 'net' })], never);
    expect(bodies[0]).toMatch(/"ttl":"3600".*"urgency":"high"/);
    expect(bodies[1]).toMatch(/"ttl":"60".*"urgency":"low".*"topic":"net"/);
  });

  it.each([
    ['no subscription', undefined, 'no_subscription'],
    ['keys that are none', { endpoint: 'https://h.test/', keys: { p256dh: 'x', auth: 'y' } }, 'no_subscription'],
    [
      'a point that is on no curve',
      {
        endpoint: 'https://h.test/',
        keys: { p256dh: Buffer.alloc(65, 4).toString('base64url'), auth: Buffer.alloc(16).toString('base64url') },
      },
      'no_subscription',
    ],
    ['an endpoint in our own network', subscriptionAt('http://169.254.169.254/latest'), 'blocked_address'],
    ['an endpoint on this machine', subscriptionAt('http://localhost:9/'), 'blocked_address'],
  ])('calls nobody for %s', async (_title, subscription, code) => {
    const device = { platform: 'web', isTest: false, ...(subscription && { subscription }) } as const;
    const [outcome] = await connect({}, []).send([outbound('b', { device })], never);
    expect(outcome).toMatchObject({ class: 'bad_recipient', code, isAddressKept: true });
  });

  it.each([
    [{ publicKey: 'x' }, 'publicKey'],
    [{ privateKey: 'x' }, 'privateKey'],
    [{ subject: 'admin@example.com' }, 'subject'],
  ])('refuses the setting %j', (wrong, field) =>
    expect(settingsProblemsOf(WebpushSettings, { ...ACCOUNT, ...wrong }).map((problem) => problem.field)).toEqual([
      field,
    ]),
  );
});
