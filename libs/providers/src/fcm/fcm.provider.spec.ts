import { generateKeyPairSync } from 'node:crypto';
import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { FcmFake, type FcmRefusal } from '../../../../test/support/fakes/fcm.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { settingsProblemsOf } from '../registry/read-settings.js';
import { FcmFactory } from './fcm.factory.js';
import { FcmSettings } from './fcm.settings.js';

const never = new AbortController().signal;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const openFake = async (): Promise<FcmFake> => opening(await FcmFake.open());
const connect = (account: Record<string, unknown>, custody = new MemoryTokenCustody()): ChannelProvider => {
  const http = opening(new GuardedHttp({ allow: ['127.0.0.0/8'] }));
  const settings = { timeoutMs: 15_000, ...account };
  return opening(
    new FcmFactory(http, custody).create({ id: 'acct-canary-21', channel: 'push', provider: 'fcm', settings }),
  );
};
const sendOne = async (provider: ChannelProvider, delivery: OutboundDelivery): Promise<Outcome | undefined> =>
  (await provider.send([delivery], never))[0];

describe('FCM', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake();
    const nobody = `http://127.0.0.1:${await closedPort()}`;
    return {
      provider: connect(fake.account),
      goodAddress: (n) => `token-${n}`,
      refusedAddress: 'bad-token',
      silentAddress: 'silent-token',
      unreachable: connect({ ...fake.account, baseUrl: nobody, tokenUrl: `${nobody}/token` }),
      secrets: [fake.account.privateKey, 'ya29.fake-1'],
      accountId: 'acct-canary-21',
      received: () => JSON.stringify(fake.requests),
      close: () => Promise.resolve(),
    };
  });

  const isToken = ({ path }: { path: string }): boolean => path === '/token';
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  itSurvivesVendorFaults({
    repeatsOn5xx: true,
    connect: (baseUrl) =>
      connect({
        projectId: 'p1',
        clientEmail: 'a@example.com',
        privateKey,
        baseUrl,
        tokenUrl: `${baseUrl}/token`,
        timeoutMs: 1500,
      }),
    healthy: (request) =>
      isToken(request) ? { access_token: 't1', expires_in: 3599 } : { name: 'projects/p1/messages/1' },
    isSend: (request) => !isToken(request),
    isToken,
    address: 'token-1',
  });

  it('shows a notification on the device’s own system, and gives its program the rest', async () => {
    const fake = await openFake();
    const delivery = outbound('token-1', {
      content: { title: '会议', text: '三点', url: 'https://h.test/1' },
      device: { platform: 'android', isTest: false },
      expiresAt: new Date(Date.now() + 3600_000),
    });
    await expect(sendOne(connect(fake.account), delivery)).resolves.toEqual({
      class: 'ok',
      words: 'projects/my-app-1234/messages/1',
    });
    expect(fake.inbox).toEqual([
      {
        token: 'token-1',
        notification: { title: '会议', body: '三点' },
        data: { ref: delivery.ref, kind: 'notification', url: 'https://h.test/1' },
        android: { priority: 'HIGH', ttl: '3600s', notification: { tag: delivery.ref } },
      },
    ]);
  });

  it.each([
    ['android', { android: { priority: 'NORMAL' } }],
    [
      'ios',
      {
        apns: {
          headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
          payload: { aps: { 'content-available': 1 } },
        },
      },
    ],
    ['web', { webpush: { headers: { Urgency: 'low' } } }],
  ] as const)('hands a config to %s silently', async (platform, parts) => {
    const fake = await openFake();
    const content = { payload: { display: 'config', body: 'cache=2&submit=10', tag: 'net' } } as const;
    const delivery = outbound('token-1', { content, device: { platform, isTest: false } });
    await sendOne(connect(fake.account), delivery);
    expect(fake.inbox).toEqual([
      { token: 'token-1', data: { ref: delivery.ref, kind: 'config', body: 'cache=2&submit=10' }, ...parts },
    ]);
  });

  it('hands a message to the program as it was given: text as text, JSON as JSON', async () => {
    const fake = await openFake();
    for (const custom of ['as it is', { a: [1, '二'] }])
      await sendOne(connect(fake.account), outbound('t', { content: { payload: { display: 'message', custom } } }));
    expect(fake.inbox.map(({ data }) => data?.custom)).toEqual(['as it is', '{"a":[1,"二"]}']);
    expect(fake.inbox.every(({ notification }) => notification === undefined)).toBe(true);
  });

  it('shortens a text that is too long, and refuses data that is', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const long = outbound('t', { content: { title: 'T', text: '很长"的\n'.repeat(2000) } });
    await expect(sendOne(provider, long)).resolves.toMatchObject({ class: 'ok' });
    expect(fake.inbox[0]?.notification?.body).toMatch(/…$/);
    const heavy = outbound('t', { content: { payload: { display: 'message', custom: 'x'.repeat(5000) } } });
    await expect(sendOne(provider, heavy)).resolves.toMatchObject({ class: 'bad_content', code: 'too_long' });
    await expect(sendOne(provider, outbound('t', { content: {} }))).resolves.toMatchObject({ code: 'no_content' });
    expect(fake.inbox).toHaveLength(1);
  });

  it.each<[string, FcmRefusal, Partial<Outcome>]>([
    ['UNREGISTERED', { status: 404, errorCode: 'UNREGISTERED' }, { class: 'bad_recipient', code: 'UNREGISTERED' }],
    [
      'a malformed token',
      { status: 400, field: 'message.token', message: 'x' },
      { class: 'bad_recipient', code: 'INVALID_ARGUMENT' },
    ],
    ['another wrong field', { status: 400, field: 'message.data' }, { class: 'bad_content', code: 'INVALID_ARGUMENT' }],
    ['a size', { status: 400, errorCode: 'INVALID_ARGUMENT' }, { class: 'bad_content', code: 'INVALID_ARGUMENT' }],
    [
      'a missing APNs key',
      { status: 401, errorCode: 'THIRD_PARTY_AUTH_ERROR' },
      { class: 'bad_config', code: 'THIRD_PARTY_AUTH_ERROR' },
    ],
    ['an unknown project', { status: 404 }, { class: 'bad_config', code: 'NOT_FOUND' }],
    ['a missing right', { status: 403 }, { class: 'bad_config', code: 'PERMISSION_DENIED' }],
    [
      'a quota',
      { status: 429, errorCode: 'QUOTA_EXCEEDED' },
      { class: 'rate_limited', code: 'QUOTA_EXCEEDED', retryAfterMs: 60_000 },
    ],
    [
      'a quota with a time',
      { status: 429, errorCode: 'QUOTA_EXCEEDED', retryAfterS: 7 },
      { class: 'rate_limited', retryAfterMs: 7000 },
    ],
    [
      'UNAVAILABLE',
      { status: 503, errorCode: 'UNAVAILABLE', retryAfterS: 9 },
      { class: 'retry', code: 'UNAVAILABLE', retryAfterMs: 9000 },
    ],
    ['INTERNAL', { status: 500, errorCode: 'INTERNAL' }, { class: 'retry', code: 'INTERNAL' }],
    ['what nobody knows', { status: 409, errorCode: 'NEW' }, { class: 'retry', code: 'NEW' }],
  ])('answers %s', async (_title, refusal, expected) => {
    const fake = await openFake();
    fake.refuse(refusal);
    await expect(sendOne(connect(fake.account), outbound('t'))).resolves.toMatchObject(expected);
  });

  it('lets a dead token go', async () => {
    const fake = await openFake();
    for (const token of ['gone-1', 'bad-1'])
      expect(await sendOne(connect(fake.account), outbound(token))).not.toHaveProperty('isAddressKept');
  });

  it('is stopped by a token of another project only as long as it may itself be the wrong one', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const foreign = { code: 'SENDER_ID_MISMATCH' };
    await expect(sendOne(provider, outbound('foreign'))).resolves.toMatchObject({ class: 'bad_config', ...foreign });
    await sendOne(provider, outbound('t'));
    await expect(sendOne(provider, outbound('foreign'))).resolves.toMatchObject({
      class: 'bad_recipient',
      isAddressKept: true,
      ...foreign,
    });
  });

  it.each(['revoked', 'expired'])('gets another token where the one it has is %s, once for all calls', async (how) => {
    const fake = await openFake();
    const custody = new MemoryTokenCustody();
    const provider = connect(fake.account, custody);
    await sendOne(provider, outbound('t'));
    if (how === 'revoked') fake.revokeTokens();
    else fake.now = () => Date.now() + 3_600_000;
    const outcomes = await provider.send(
      Array.from({ length: 20 }, (_, i) => outbound(`t${i}`)),
      never,
    );
    expect(outcomes.map((outcome) => outcome.class)).toEqual(Array<string>(20).fill('ok'));
    expect(custody.fetches).toBe(2);
  });

  it('is wrongly set up with the key of another account, and shows no assertion', async () => {
    const fake = await openFake();
    const outcome = await sendOne(connect({ ...fake.account, privateKey }), outbound('t'));
    expect(outcome).toMatchObject({ class: 'bad_config', code: 'invalid_grant' });
    expect(outcome?.words).not.toMatch(/eyJ/);
    expect(fake.inbox).toHaveLength(0);
  });

  it('takes only a key that is one', () => {
    const good = { projectId: 'p1', clientEmail: 'a@example.com', privateKey };
    expect(settingsProblemsOf(FcmSettings, good)).toEqual([]);
    const { privateKey: elliptic } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    for (const wrong of [elliptic, 'x', privateKey.replaceAll('\n', '\\n'), 7])
      expect(settingsProblemsOf(FcmSettings, { ...good, privateKey: wrong })).toEqual([
        { field: 'privateKey', detail: expect.stringContaining('privateKey must be an RSA key in PEM form') },
      ]);
  });
});
