import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { JpushFake } from '../../../../test/support/fakes/jpush.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { JpushFactory } from './jpush.factory.js';

const never = new AbortController().signal;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const openFake = async (): Promise<JpushFake> => opening(await JpushFake.open());
const connect = (account: Record<string, unknown>): ChannelProvider => {
  const http = opening(new GuardedHttp({ allow: ['127.0.0.0/8'] }));
  const settings = { timeoutMs: 15_000, ...account };
  return opening(new JpushFactory(http).create({ id: 'acct-canary-23', channel: 'push', provider: 'jpush', settings }));
};
const sendOne = async (provider: ChannelProvider, delivery: OutboundDelivery): Promise<Outcome | undefined> =>
  (await provider.send([delivery], never))[0];
const refOf = (outcome: Outcome | undefined): string => outcome?.ask?.ref ?? '';

describe('JPush', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake();
    const nobody = `http://127.0.0.1:${await closedPort()}`;
    return {
      provider: connect(fake.account),
      goodAddress: (n) => `rid${n}`,
      refusedAddress: 'refused',
      silentAddress: 'silent',
      unreachable: connect({ ...fake.account, baseUrl: nobody }),
      secrets: [fake.masterSecret],
      accountId: 'acct-canary-23',
      received: () => JSON.stringify(fake.requests),
      close: () => Promise.resolve(),
    };
  });

  const isCid = ({ path }: { path: string }): boolean => path === '/v3/push/cid';
  itSurvivesVendorFaults({
    connect: (baseUrl) => connect({ appKey: 'appkey0123', masterSecret: 'secret0123', baseUrl, timeoutMs: 1500 }),
    healthy: (request) => (isCid(request) ? { cidlist: ['c1'] } : { sendno: '0', msg_id: '1' }),
    isSend: ({ path }) => path === '/v3/push',
    isToken: isCid,
    address: 'rid1',
  });

  it('sends one content to a thousand devices in one call', async () => {
    const fake = await openFake();
    const batch = Array.from({ length: 1000 }, (_, i) => outbound(`rid${i}`));
    const outcomes = await connect(fake.account).send(batch, never);
    expect(new Set(outcomes.map((outcome) => outcome.class))).toEqual(new Set(['ok']));
    expect([fake.pushes.length, fake.inbox.length]).toEqual([1, 1000]);
  });

  it('tells the app the reference of what goes to one device alone', async () => {
    const fake = await openFake();
    const delivery = outbound('rid1', {
      content: { title: '会议', text: '三点', url: 'https://h.test/1' },
      expiresAt: new Date(Date.now() + 3600_000),
      device: { platform: 'ios', isTest: true },
    });
    await sendOne(connect(fake.account), delivery);
    const extras = { ref: delivery.ref, kind: 'notification', url: 'https://h.test/1' };
    expect(fake.inbox).toEqual([
      {
        token: 'rid1',
        said: {
          notification: {
            android: { alert: '三点', title: '会议', extras },
            ios: { alert: { title: '会议', body: '三点' }, sound: 'default', extras },
          },
          options: { apns_production: false, time_to_live: 3600 },
        },
      },
    ]);
  });

  it('hands messages and configs to the app as they were given', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const custom = { a: '二' };
    await sendOne(provider, outbound('r', { content: { payload: { display: 'message', custom } } }));
    const config = { payload: { display: 'config', body: 'cache=2' } } as const;
    await sendOne(provider, outbound('r', { content: config, replaces: 'net' }));
    expect(fake.inbox.map(({ said }) => said)).toEqual([
      {
        message: {
          msg_content: '{"a":"二"}',
          content_type: 'json',
          extras: { ref: expect.any(String), kind: 'message' },
        },
        options: { apns_production: true },
      },
      {
        message: { msg_content: 'cache=2', content_type: 'text', extras: { ref: expect.any(String), kind: 'config' } },
        options: { apns_production: true, apns_collapse_id: 'net' },
      },
    ]);
  });

  it('gives every call a key of its own, of a stock that is asked for when it is empty', async () => {
    const fake = await openFake();
    const batch = Array.from({ length: 25 }, (_, i) => outbound('rid1', { content: { text: `text ${i}` } }));
    await connect(fake.account).send(batch, never);
    const keys = fake.pushes.map(({ body }) => (JSON.parse(body) as { cid: string }).cid);
    expect(new Set(keys).size).toBe(25);
    expect(fake.requests.filter(isCid).length).toBe(3);
  });

  it('fetches a lost answer by the key of the call, and nobody gets it twice', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    fake.losesAnswer = true;
    const batch = ['a', 'b'].map((token) => outbound(token));
    const [first, second] = await provider.send(batch, never);
    expect(first).toMatchObject({ class: 'unknown_outcome', ask: { ref: expect.stringMatching(/^cid:/) } });
    expect(refOf(second)).toBe(refOf(first));
    const other = connect(fake.account);
    await expect(other.query?.([refOf(first)], never)).resolves.toEqual([{ state: 'waiting', receipts: [] }]);
    await expect(provider.query?.([refOf(first)], never)).resolves.toEqual([
      {
        state: 'ended',
        receipts: [first, second].map((outcome) => ({ status: 'sent', providerRef: outcome?.providerRef })),
      },
    ]);
    expect([fake.inbox.length, fake.pushes.length]).toEqual([2, 2]);
  });

  it('waits as long as the call brings no answer the second time either', async () => {
    const fake = await openFake();
    const provider = connect({ ...fake.account, timeoutMs: 500 });
    const abort = AbortSignal.timeout(100);
    const [outcome] = await provider.send([outbound('silent')], abort);
    expect(outcome?.class).toBe('unknown_outcome');
    await expect(provider.query?.([refOf(outcome)], AbortSignal.timeout(100))).resolves.toEqual([
      { state: 'waiting', receipts: [] },
    ]);
  });

  it('asks for reports only where it is told to', async () => {
    const fake = await openFake();
    await expect(sendOne(connect(fake.account), outbound('r'))).resolves.toEqual({
      class: 'ok',
      words: expect.stringMatching(/^msg_id \d+$/),
    });
  });

  it('asks once for all devices of a message, and says what became of each', async () => {
    const fake = await openFake();
    const provider = connect({ ...fake.account, receipts: true });
    const outcomes = await provider.send(
      ['got', 'later', 'foreign', 'other'].map((token) => outbound(token)),
      never,
    );
    fake.statusOf = (token) => ({ got: 0, later: 1, foreign: 2, other: 3 })[token] ?? 4;
    const answers = await provider.query?.(outcomes.map(refOf), never);
    expect(answers).toEqual([
      { state: 'ended', receipts: [{ status: 'delivered', providerRef: outcomes[0]?.providerRef }] },
      { state: 'waiting', receipts: [] },
      {
        state: 'ended',
        receipts: [
          expect.objectContaining({
            status: 'failed',
            code: 'status_2',
            isAddressDead: true,
            providerRef: outcomes[2]?.providerRef,
          }),
        ],
      },
      {
        state: 'ended',
        receipts: [
          expect.objectContaining({ status: 'failed', code: 'status_3', providerRef: outcomes[3]?.providerRef }),
        ],
      },
    ]);
    expect(fake.requests.filter(({ path }) => path === '/v3/status/message')).toHaveLength(1);
  });

  it('stops asking for reports that the app may not have', async () => {
    const fake = await openFake();
    const provider = connect({ ...fake.account, receipts: true });
    const outcome = await sendOne(provider, outbound('r'));
    fake.hasReports = false;
    await expect(provider.query?.([refOf(outcome), 'nonsense'], never)).resolves.toEqual([
      { state: 'ended', receipts: [] },
      { state: 'ended', receipts: [] },
    ]);
  });

  it('finds the token for whose sake a whole call is refused; one that is no device is dead', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const outcomes = await provider.send(
      ['a', 'refused', 'b'].map((token) => outbound(token)),
      never,
    );
    expect(outcomes.map(({ class: kind, isAddressKept }) => [kind, isAddressKept])).toEqual([
      ['ok', undefined],
      ['bad_recipient', true],
      ['ok', undefined],
    ]);
    const ghost = await sendOne(provider, outbound('ghost1'));
    expect(ghost).toMatchObject({ class: 'bad_recipient', code: '1011' });
    expect(ghost).not.toHaveProperty('isAddressKept');
  });

  it.each([
    [{ status: 500, code: 1000 }, { class: 'retry' }],
    [{ status: 503, code: 1030 }, { class: 'retry' }],
    [
      { status: 429, code: 2002, resetS: 7 },
      { class: 'rate_limited', retryAfterMs: 7000, isAccountWide: true },
    ],
    [
      { status: 429, code: 2002 },
      { class: 'rate_limited', retryAfterMs: 60_000 },
    ],
    [{ status: 403, code: 2003 }, { class: 'bad_config' }],
    [{ status: 403, code: 2004 }, { class: 'bad_config' }],
    [{ status: 403, code: 2007 }, { class: 'bad_config' }],
    [{ status: 400, code: 1008 }, { class: 'bad_config' }],
    [{ status: 400, code: 1002 }, { class: 'bad_content' }],
    [{ status: 400, code: 1005 }, { class: 'bad_content' }],
    [{ status: 400, code: 1009 }, { class: 'bad_content' }],
    [{ status: 400, code: 7777 }, { class: 'retry' }],
  ])('answers %j with %j', async (refusal, expected) => {
    const fake = await openFake();
    fake.refuse(refusal);
    await expect(sendOne(connect(fake.account), outbound('r'))).resolves.toMatchObject({
      ...expected,
      code: String(refusal.code),
    });
  });

  it('is wrongly set up with a wrong secret, and sends nothing', async () => {
    const fake = await openFake();
    const masterSecret = 'another0secret01234';
    const outcome = await sendOne(connect({ ...fake.account, masterSecret }), outbound('r'));
    expect(outcome).toMatchObject({ class: 'bad_config', code: '1004' });
    expect(outcome?.words).not.toContain(Buffer.from(`${fake.appKey}:${masterSecret}`).toString('base64'));
    expect(fake.pushes).toHaveLength(0);
  });
});
