import { generateKeyPairSync } from 'node:crypto';
import apn from '@parse/node-apn';
import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { APNS_CA, ApnsFake, secureServer, type ApnsRefusal } from '../../../../test/support/fakes/apns.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { settingsProblemsOf } from '../registry/read-settings.js';
import { ApnsFactory } from './apns.factory.js';
import { apnsIdOf } from './apns.message.js';
import { ApnsSettings } from './apns.settings.js';

const never = new AbortController().signal;
const tokenOf = (n: number): string => n.toString(16).padStart(64, 'a');
const TOKEN = tokenOf(1);
const DEAD = 'd'.repeat(64);
const NONE = 'b'.repeat(64);
const HOUR_MS = 3600_000;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const openFake = async (): Promise<ApnsFake> => opening(await ApnsFake.open());
const connect = (
  account: Record<string, unknown>,
  custody = new MemoryTokenCustody(),
  allow = ['127.0.0.0/8'],
): ChannelProvider => {
  const http = opening(new GuardedHttp({ allow }));
  const settings = { timeoutMs: 15_000, ...account };
  return opening(
    new ApnsFactory(http, custody).create({ id: 'acct-canary-25', channel: 'push', provider: 'apns', settings }),
  );
};
const sendOne = async (provider: ChannelProvider, delivery: OutboundDelivery): Promise<Outcome | undefined> =>
  (await provider.send([delivery], never))[0];
const ecKey = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;

describe('APNs', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake();
    const nobody = `https://127.0.0.1:${await closedPort()}`;
    return {
      provider: connect(fake.account),
      goodAddress: tokenOf,
      refusedAddress: NONE,
      silentAddress: '0'.repeat(64),
      unreachable: connect({ ...fake.account, baseUrl: nobody, sandboxUrl: nobody }),
      secrets: [fake.account.privateKey],
      accountId: 'acct-canary-25',
      received: () => JSON.stringify(fake.requests),
      close: () => Promise.resolve(),
    };
  });

  itSurvivesVendorFaults({
    repeatsOn5xx: true,
    connect: (baseUrl) =>
      connect({
        keyId: 'ABC123DEFG',
        teamId: 'DEF123GHIJ',
        privateKey: ecKey(),
        topic: 'com.example.app',
        ca: APNS_CA,
        baseUrl,
        // Time for a TLS handshake on a busy machine, too.
        timeoutMs: 2000,
      }),
    healthy: () => ({}),
    isSend: () => true,
    address: TOKEN,
    manners: () => ({
      server: secureServer(),
      scheme: 'https',
      isSilent: true,
      headers: { 'apns-id': '00000000-0000-4000-8000-000000000000' },
    }),
  });

  it('shows a notification as an alert and gives the app the rest', async () => {
    const fake = await openFake();
    const delivery = outbound(TOKEN, {
      content: { title: '会议', text: '三点', url: 'https://h.test/1' },
      expiresAt: new Date(Date.now() + HOUR_MS),
    });
    await expect(sendOne(connect(fake.account), delivery)).resolves.toEqual({
      class: 'ok',
      words: `apns-id ${apnsIdOf(delivery.ref, TOKEN)}`,
    });
    const [push] = fake.inbox;
    expect(push).toMatchObject({
      token: TOKEN,
      payload: {
        aps: { alert: { title: '会议', body: '三点' }, sound: 'default' },
        ref: delivery.ref,
        kind: 'notification',
        url: 'https://h.test/1',
      },
      headers: { 'apns-push-type': 'alert', 'apns-priority': '10', 'apns-collapse-id': delivery.ref },
    });
    const keptS = Number(push?.headers['apns-expiration']) - Date.now() / 1000;
    expect(Math.abs(keptS - 3600)).toBeLessThan(60);
  });

  it('wakes the app for messages and configs, which nobody is shown', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const payload = { display: 'message', custom: { a: ['二'] } } as const;
    await sendOne(provider, outbound(TOKEN, { content: { payload } }));
    const config = { payload: { display: 'config', body: 'cache=2' } } as const;
    await sendOne(provider, outbound(TOKEN, { content: config, replaces: 'net' }));
    const quiet = { 'apns-push-type': 'background', 'apns-priority': '5' };
    expect(fake.inbox).toMatchObject([
      { headers: quiet, payload: { aps: { 'content-available': 1 }, kind: 'message', custom: { a: ['二'] } } },
      { headers: { ...quiet, 'apns-collapse-id': 'net' }, payload: { kind: 'config', body: 'cache=2' } },
    ]);
    expect(fake.inbox[0]?.headers).not.toHaveProperty('apns-collapse-id');
  });

  it('names a delivery to a device the same in every try', () => {
    expect(apnsIdOf('ref', 'a')).toBe(apnsIdOf('ref', 'a'));
    expect(apnsIdOf('ref', 'a')).not.toBe(apnsIdOf('ref', 'b'));
    expect(apnsIdOf('ref', 'a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sends to test devices in the sandbox, or wherever the account says', async () => {
    const [production, sandbox] = [await openFake(), await openFake()];
    const account = { ...production.account, sandboxUrl: sandbox.baseUrl };
    const batch = [false, true].map((isTest) => outbound(TOKEN, { device: { platform: 'ios', isTest } }));
    await connect(account).send(batch, never);
    expect([production.inbox.length, sandbox.inbox.length]).toEqual([1, 1]);
    expect(sandbox.inbox[0]?.payload.ref).toBe(batch[1]?.ref);
    await connect({ ...account, environment: 'sandbox' }).send(batch, never);
    expect([production.inbox.length, sandbox.inbox.length]).toEqual([1, 3]);
  });

  it('has one connection and one token for all it sends, and the token in common with other processes', async () => {
    const fake = await openFake();
    const custody = new MemoryTokenCustody();
    const batch = Array.from({ length: 100 }, (_, n) => outbound(tokenOf(n)));
    const provider = connect(fake.account, custody);
    for (let n = 0; n < 2; n++) await provider.send(batch, never);
    expect([fake.inbox.length, fake.connections, fake.bearers.size]).toEqual([200, 1, 1]);
    await connect(fake.account, custody).send(batch, never);
    expect([fake.inbox.length, fake.connections, fake.bearers.size, custody.fetches]).toEqual([300, 2, 1, 1]);
  });

  it('connects again after Apple has ended the connection', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    for (let n = 0; n < 3; n++) {
      await expect(sendOne(provider, outbound(TOKEN))).resolves.toMatchObject({ class: 'ok' });
      fake.dropConnections();
      // It is known here once the end has arrived.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(fake.connections).toBe(3);
  });

  it('says since when a token is dead', async () => {
    const fake = await openFake();
    const [dead, none] = await connect(fake.account).send([outbound(DEAD), outbound(NONE)], never);
    expect(dead).toEqual({ class: 'bad_recipient', code: 'Unregistered', deadSince: new Date(fake.deadSinceMs) });
    expect(none).toEqual({ class: 'bad_recipient', code: 'BadDeviceToken' });
  });

  const REFUSALS: readonly (readonly [ApnsRefusal, Partial<Outcome>])[] = [
    [
      { status: 410, reason: 'ExpiredToken', timestamp: 5 },
      { class: 'bad_recipient', deadSince: new Date(5) },
    ],
    [{ status: 400, reason: 'DeviceTokenNotForTopic' }, { class: 'bad_recipient' }],
    [
      { status: 429, reason: 'TooManyRequests' },
      { class: 'rate_limited', retryAfterMs: 60_000 },
    ],
    [
      { status: 429, reason: 'TooManyProviderTokenUpdates' },
      { class: 'rate_limited', retryAfterMs: 1_200_000, isAccountWide: true },
    ],
    [{ status: 500, reason: 'InternalServerError' }, { class: 'retry' }],
    [{ status: 503, reason: 'ServiceUnavailable' }, { class: 'retry' }],
    [{ status: 503, reason: 'Shutdown' }, { class: 'retry' }],
    [{ status: 400, reason: 'IdleTimeout' }, { class: 'retry' }],
    [{ status: 403, reason: 'InvalidProviderToken' }, { class: 'bad_config' }],
    [{ status: 403, reason: 'BadCertificateEnvironment' }, { class: 'bad_config' }],
    [{ status: 403, reason: 'Forbidden' }, { class: 'bad_config' }],
    [{ status: 403, reason: 'SomethingNew' }, { class: 'bad_config' }],
    [{ status: 400, reason: 'BadTopic' }, { class: 'bad_config' }],
    [{ status: 400, reason: 'MissingTopic' }, { class: 'bad_config' }],
    [{ status: 400, reason: 'TopicDisallowed' }, { class: 'bad_config' }],
    [{ status: 404, reason: 'BadPath' }, { class: 'bad_config' }],
    [{ status: 405, reason: 'MethodNotAllowed' }, { class: 'bad_config' }],
    [{ status: 413, reason: 'PayloadTooLarge' }, { class: 'bad_content' }],
    [{ status: 400, reason: 'PayloadEmpty' }, { class: 'bad_content' }],
    [{ status: 400, reason: 'BadCollapseId' }, { class: 'bad_content' }],
    [{ status: 400, reason: 'BadExpirationDate' }, { class: 'bad_content' }],
    [{ status: 400, reason: 'SomethingNew' }, { class: 'retry' }],
  ];
  it('takes Apple’s reasons for what they are', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    for (const [refusal, expected] of REFUSALS) {
      fake.refuse(refusal);
      const outcome = await sendOne(provider, outbound(TOKEN));
      expect(outcome).toMatchObject({ ...expected, code: refusal.reason });
      expect(outcome).not.toHaveProperty('isAddressKept');
    }
  });

  it('makes another token where the one it has is too old, once for all calls', async () => {
    const fake = await openFake();
    const custody = new MemoryTokenCustody();
    const provider = connect(fake.account, custody);
    await sendOne(provider, outbound(TOKEN));
    const [bearer = ''] = fake.bearers;
    // An hour ago another process made it.
    const old = await oldToken(fake);
    custody.current = () => Promise.resolve(old);
    const outcomes = await provider.send(
      [1, 2, 3].map((n) => outbound(tokenOf(n))),
      never,
    );
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['ok', 'ok', 'ok']);
    expect(fake.bearers.has(old)).toBe(true);
    expect([...fake.bearers].filter((one) => one !== old)).toEqual([bearer]);
  });

  it('makes no other token within twenty minutes: then the clock is wrong', async () => {
    const fake = await openFake();
    fake.now = () => Date.now() + 2 * HOUR_MS;
    const custody = new MemoryTokenCustody();
    const outcome = await sendOne(connect(fake.account, custody), outbound(TOKEN));
    expect(outcome).toMatchObject({ class: 'bad_config', code: 'ExpiredProviderToken' });
    expect([outcome?.words, custody.fetches]).toEqual([expect.stringContaining('clock'), 1]);
  });

  it('is wrongly set up with another key', async () => {
    const fake = await openFake();
    const outcome = await sendOne(connect({ ...fake.account, privateKey: ecKey() }), outbound(TOKEN));
    expect(outcome).toMatchObject({ class: 'bad_config', code: 'InvalidProviderToken' });
  });

  it('cuts a long text, and refuses data that is too long', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    await sendOne(provider, outbound(TOKEN, { content: { title: 'T', text: '很长的话'.repeat(1000) } }));
    expect(fake.inbox[0]?.payload.aps.alert).toEqual({ title: 'T', body: expect.stringMatching(/…$/) });
    const payload = { display: 'message', custom: 'x'.repeat(5000) } as const;
    await expect(sendOne(provider, outbound(TOKEN, { content: { payload } }))).resolves.toMatchObject({
      class: 'bad_content',
      code: 'too_long',
    });
  });

  it.each(['../x', 'not hex', '', 'a'.repeat(31)])('calls nobody for the token %j', async (token) => {
    const fake = await openFake();
    await expect(sendOne(connect(fake.account), outbound(token))).resolves.toMatchObject({
      class: 'bad_recipient',
      code: 'bad_address',
    });
    expect(fake.requests).toEqual([]);
  });

  it('trusts nobody whom the account does not name, and calls no address that is not open', async () => {
    const fake = await openFake();
    const { ca: _, ...account } = fake.account;
    await expect(sendOne(connect(account), outbound(TOKEN))).resolves.toMatchObject({
      class: 'retry',
      code: 'connection_failed',
    });
    await expect(sendOne(connect(fake.account, undefined, []), outbound(TOKEN))).resolves.toMatchObject({
      class: 'bad_config',
    });
    expect(fake.requests).toEqual([]);
  });

  it('takes only settings that can be right', () => {
    const good = { keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ', privateKey: ecKey(), topic: 'com.example.app' };
    expect(settingsProblemsOf(ApnsSettings, good)).toEqual([]);
    const wrong = { keyId: 'x', teamId: 'x', privateKey: 'x', topic: 'a b', baseUrl: 'http://h.test' };
    expect(settingsProblemsOf(ApnsSettings, { ...good, ...wrong }).map(({ field }) => field)).toEqual(
      Object.keys(wrong),
    );
  });
});

/** A token of the fake's account as it was made two hours ago. */
async function oldToken(fake: ApnsFake): Promise<string> {
  const { importPKCS8, SignJWT } = await import('jose');
  const { privateKey, keyId, teamId } = fake.account;
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid: keyId })
    .setIssuer(teamId)
    .setIssuedAt(new Date(Date.now() - 2 * HOUR_MS))
    .sign(await importPKCS8(privateKey, 'ES256'));
}

describe('the APNs the tests run against', () => {
  it('is one to an independent client, too', async () => {
    const fake = await openFake();
    const { keyId, teamId, privateKey: key, topic } = fake.account;
    const client = new apn.Provider({
      token: { key, keyId, teamId },
      address: '127.0.0.1',
      port: fake.port,
      ca: [APNS_CA],
      production: false,
      requestTimeout: 5000,
    } as apn.ProviderOptions);
    try {
      const note = new apn.Notification({ alert: { title: 'T', body: 'x' }, topic, pushType: 'alert' });
      const { sent, failed } = await client.send(note, [TOKEN, DEAD, NONE]);
      expect(sent.map(({ device }) => device)).toEqual([TOKEN]);
      expect(failed.map(({ device, status, response }) => [device, status, response?.reason])).toEqual([
        [DEAD, 410, 'Unregistered'],
        [NONE, 400, 'BadDeviceToken'],
      ]);
      expect(fake.inbox).toMatchObject([{ token: TOKEN, payload: { aps: { alert: { title: 'T', body: 'x' } } } }]);
    } finally {
      await client.shutdown();
    }
  });
});
