import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { UmengFake } from '../../../../test/support/fakes/umeng.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { settingsProblemsOf } from '../registry/read-settings.js';
import { UmengFactory } from './umeng.factory.js';
import { umengSignature } from './umeng-signature.js';
import { UmengSettings } from './umeng.settings.js';

const never = new AbortController().signal;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const openFake = async (): Promise<UmengFake> => opening(await UmengFake.open());
const connect = (account: Record<string, unknown>): ChannelProvider => {
  const http = opening(new GuardedHttp({ allow: ['127.0.0.0/8'] }));
  const settings = { timeoutMs: 15_000, ...account };
  return opening(new UmengFactory(http).create({ id: 'acct-canary-22', channel: 'push', provider: 'umeng', settings }));
};
const sendOne = async (provider: ChannelProvider, delivery: OutboundDelivery): Promise<Outcome | undefined> =>
  (await provider.send([delivery], never))[0];
const onIos = { platform: 'ios', isTest: false } as const;
const types = (fake: UmengFake): string[] =>
  fake.requests.map(({ body }) => {
    const { type, device_tokens: tokens } = JSON.parse(body) as { type: string; device_tokens: string };
    return `${type} ${tokens.split(',').length}`;
  });

describe('Umeng', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake();
    return {
      provider: connect(fake.account),
      goodAddress: (n) => `token${n}`,
      refusedAddress: 'refused',
      silentAddress: 'silent',
      unreachable: connect({ ...fake.account, baseUrl: `http://127.0.0.1:${await closedPort()}` }),
      secrets: [fake.apps.android.secret, fake.apps.ios.secret],
      accountId: 'acct-canary-22',
      received: () => JSON.stringify(fake.requests),
      close: () => Promise.resolve(),
    };
  });

  itSurvivesVendorFaults({
    repeatsOn5xx: true,
    connect: (baseUrl) => connect({ appKey: 'appkey0123', appMasterSecret: 'secret0123456', baseUrl, timeoutMs: 1500 }),
    healthy: () => ({ ret: 'SUCCESS', data: { msg_id: 'um1' } }),
    isSend: () => true,
    address: 'token1',
  });

  it('signs with the MD5 of method, address, body and secret, as md5sum has it', () =>
    expect(umengSignature('https://msgapi.umeng.com/api/send', '{"appkey":"k"}', 's3cret')).toBe(
      '76a1d667652c28bb6159b11274737e73',
    ));

  it('signs for Umeng’s own address where a proxy is called', async () => {
    const fake = await openFake();
    const provider = connect({ ...fake.account, signedUrl: 'https://msgapi.umeng.com' });
    await expect(sendOne(provider, outbound('t'))).resolves.toMatchObject({ class: 'bad_config', code: '2027' });
  });

  it('sends one content to 500 devices in one call, which then cannot tell each its reference', async () => {
    const fake = await openFake();
    const batch = Array.from({ length: 500 }, (_, i) => outbound(`token${i}`));
    const outcomes = await connect(fake.account).send(batch, never);
    expect(new Set(outcomes.map((outcome) => outcome.class))).toEqual(new Set(['ok']));
    expect([types(fake), fake.inbox.length]).toEqual([['listcast 500'], 500]);
    expect(fake.inbox[0]?.payload.extra).toEqual({ kind: 'notification' });
  });

  it('sends a call a device where the app is to know its reference', async () => {
    const fake = await openFake();
    const batch = ['a', 'b'].map((token) => outbound(token));
    await connect({ ...fake.account, listcast: false }).send(batch, never);
    expect(types(fake)).toEqual(['unicast 1', 'unicast 1']);
    expect(fake.inbox.map(({ payload }) => payload.extra)).toEqual(
      batch.map(({ ref }) => ({ ref, kind: 'notification' })),
    );
  });

  it('sends to iOS through the app for iOS, to test devices in test mode, and each content by itself', async () => {
    const fake = await openFake();
    const expiresAt = new Date(Date.now() + 30 * 86_400_000);
    const batch = [
      outbound('and', { expiresAt }),
      outbound('ios', { device: onIos, expiresAt }),
      outbound('tst', { device: { platform: 'ios', isTest: true } }),
    ];
    const outcomes = await connect(fake.account).send(batch, never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['ok', 'ok', 'ok']);
    expect(fake.inbox.map(({ token, isIos, productionMode }) => [token, isIos, productionMode])).toEqual([
      ['and', false, 'true'],
      ['ios', true, 'true'],
      ['tst', true, 'false'],
    ]);
    expect(fake.inbox.map(({ payload }) => payload)).toEqual([
      {
        display_type: 'notification',
        body: { ticker: 'A title', title: 'A title', text: 'A text', after_open: 'go_app' },
        extra: { ref: batch[0]?.ref, kind: 'notification' },
      },
      ...[1, 2].map((n) => ({
        aps: { alert: { title: 'A title', body: 'A text' }, sound: 'default' },
        ref: batch[n]?.ref,
        kind: 'notification',
      })),
    ]);
  });

  it('hands messages and configs to the app as they were given', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const custom = { a: 1 };
    await sendOne(provider, outbound('t', { content: { payload: { display: 'message', custom } } }));
    await sendOne(provider, outbound('t', { content: { payload: { display: 'config', body: 'cache=2' } } }));
    const config = { payload: { display: 'config', body: 'cache=2' } } as const;
    await sendOne(provider, outbound('t', { content: config, device: onIos }));
    expect(fake.inbox.map(({ payload }) => payload)).toEqual([
      { display_type: 'message', body: { custom }, extra: { ref: expect.any(String), kind: 'message' } },
      { display_type: 'message', body: { custom: 'cache=2' }, extra: { ref: expect.any(String), kind: 'config' } },
      { aps: { 'content-available': 1 }, ref: expect.any(String), kind: 'config', body: 'cache=2' },
    ]);
  });

  it('fits a long text in, names a sender where there is no title, and opens a link', async () => {
    const fake = await openFake();
    const content = { text: '很长的话"'.repeat(1000), url: 'https://h.test/1' };
    await sendOne(connect(fake.account), outbound('t', { content, source: '审批' }));
    expect(fake.inbox[0]?.payload.body).toEqual({
      ticker: '审批',
      title: '审批',
      text: expect.stringMatching(/^很长.*…$/),
      after_open: 'go_url',
      url: 'https://h.test/1',
    });
  });

  it('finds the device for whose sake a whole call is refused, and keeps its token', async () => {
    const fake = await openFake();
    const outcomes = await connect(fake.account).send(
      ['a', 'refused', 'b', 'c'].map((token) => outbound(token)),
      never,
    );
    expect(outcomes.map(({ class: kind, isAddressKept }) => [kind, isAddressKept])).toEqual([
      ['ok', undefined],
      ['bad_recipient', true],
      ['ok', undefined],
      ['ok', undefined],
    ]);
    expect(fake.inbox.map(({ token }) => token).sort()).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [['2023', '6002', '6003', '6004', '9999'], 'retry'],
    [['2050'], 'rate_limited'],
    [['2000', '2004', '2007', '2021', '2027', '2028', '2032', '2034', '2036', '2054'], 'bad_config'],
    [['1015', '2009'], 'bad_recipient'],
    [['2022', '1000', '1012', '1027'], 'bad_content'],
  ])('%j is %s', async (codes, expected) => {
    const fake = await openFake();
    const provider = connect(fake.account);
    for (const code of codes) {
      fake.refuse(code);
      expect([code, (await sendOne(provider, outbound('t')))?.class]).toEqual([code, expected]);
    }
  });

  it.each(['a,b', 'a b', ''])('does not let the address %j reach anybody', async (address) => {
    const fake = await openFake();
    await expect(sendOne(connect(fake.account), outbound(address))).resolves.toMatchObject({ code: 'bad_address' });
    expect(fake.requests).toHaveLength(0);
  });

  it('says so where it has no app for the system of a device', async () => {
    const fake = await openFake();
    const { appKey, appMasterSecret, baseUrl } = fake.account;
    const outcome = await sendOne(connect({ appKey, appMasterSecret, baseUrl }), outbound('t', { device: onIos }));
    expect(outcome).toMatchObject({ class: 'bad_recipient', code: 'wrong_platform', isAddressKept: true });
  });

  it.each([
    [{ appKey: 'appkey0123', appMasterSecret: 'secret0123' }, []],
    [{ iosAppKey: 'appkey0123', iosAppMasterSecret: 'secret0123' }, []],
    [{}, ['appKey']],
    [{ appKey: 'appkey0123' }, ['appMasterSecret']],
    [{ appMasterSecret: 'secret0123' }, ['appKey']],
    [{ appKey: 'appkey0123', appMasterSecret: 'secret0123', iosAppKey: 'appkey0123' }, ['iosAppMasterSecret']],
  ])('of the settings %j misses %j', (settings, fields) =>
    expect(settingsProblemsOf(UmengSettings, settings).map(({ field }) => field)).toEqual(fields),
  );
});
