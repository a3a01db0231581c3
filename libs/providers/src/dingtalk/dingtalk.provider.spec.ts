import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { DingtalkFake, type DingtalkFakeOptions } from '../../../../test/support/fakes/dingtalk.js';
import { MisbehavingVendor } from '../../../../test/support/fakes/misbehaving-vendor.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { Outcome, QueryAnswer } from '../port/channel-provider.port.js';
import { DingtalkFactory } from './dingtalk.factory.js';
import { DingtalkProvider } from './dingtalk.provider.js';

const never = new AbortController().signal;
const SEND = '/topapi/message/corpconversation/asyncsend_v2';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const openFake = async (options?: DingtalkFakeOptions): Promise<DingtalkFake> =>
  opening(await DingtalkFake.open(options));
const connect = (
  account: Record<string, unknown>,
  settings: Record<string, unknown> = {},
  custody = new MemoryTokenCustody(),
): DingtalkProvider => {
  const http = opening(new GuardedHttp({ allow: ['127.0.0.0/8'] }));
  const provider = new DingtalkFactory(http, custody).create({
    id: 'acct-canary-6',
    channel: 'dingtalk',
    provider: 'dingtalk',
    settings: { timeoutMs: 2000, ...account, ...settings },
  });
  return opening(provider as DingtalkProvider);
};
const taskOf = (outcome: Outcome | undefined): string => outcome?.ask?.ref ?? '';
const statuses = (answer: QueryAnswer | undefined): Record<string, string> =>
  Object.fromEntries(
    (answer?.receipts ?? []).map(({ providerRef, status, code }) => [
      providerRef.replace(/^\d+:/, ''),
      code === undefined ? status : `${status} ${code}`,
    ]),
  );

describe('DingTalk work notice', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake();
    return {
      provider: connect(fake.account),
      goodAddress: (n) => `user${n}`,
      refusedAddress: 'malformed',
      silentAddress: 'silent',
      unreachable: connect({ ...fake.account, baseUrl: `http://127.0.0.1:${await closedPort()}` }),
      secrets: [fake.account.appSecret, 'ding-token-1'],
      accountId: 'acct-canary-6',
      received: () => JSON.stringify(fake.requests),
      carriesRef: false,
      close: () => Promise.resolve(),
    };
  });

  itSurvivesVendorFaults({
    connect: (baseUrl) =>
      connect({ appKey: 'ding1', appSecret: 'secret-of-the-app', agentId: 7, baseUrl, timeoutMs: 1500 }),
    healthy: ({ path }) =>
      path === SEND
        ? { errcode: 0, errmsg: 'ok', task_id: 1 }
        : { errcode: 0, errmsg: 'ok', access_token: 't1', expires_in: 7200 },
    isSend: ({ path }) => path === SEND,
    isToken: ({ path }) => path === '/gettoken',
    address: 'zhangsan',
  });

  it('sends one content to a hundred people in a call, each with a reference of their own', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const outcomes = await provider.send(
      Array.from({ length: provider.maxBatch }, (_, i) => outbound(`user${i}`)),
      never,
    );
    expect(fake.requests.filter(({ path }) => path === SEND)).toHaveLength(provider.maxBatch / 100);
    expect(fake.inbox).toHaveLength(provider.maxBatch);
    expect(new Set(outcomes.map(({ providerRef }) => providerRef)).size).toBe(provider.maxBatch);
    expect(new Set(outcomes.map(taskOf)).size).toBe(provider.maxBatch / 100);
  });

  it('learns from the result, not from the send, who got it', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const outcomes = await provider.send(
      ['a', 'reader', 'nobody', 'unlucky'].map((address) => outbound(address)),
      never,
    );
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['ok', 'ok', 'ok', 'ok']);
    fake.read('reader');
    const [answer] = await provider.query([taskOf(outcomes[0])], never);
    expect(statuses(answer)).toEqual({
      a: 'delivered',
      reader: 'read',
      nobody: 'failed invalid_user',
      unlucky: 'failed send_failed',
    });
    const refs = new Set(answer?.receipts.map(({ providerRef }) => providerRef));
    expect(refs).toEqual(new Set(outcomes.map(({ providerRef }) => providerRef)));
  });

  it('is not final while the task runs, and waits for readers', async () => {
    const fake = await openFake();
    fake.pendingProgress = 1;
    const provider = connect(fake.account);
    const [outcome] = await provider.send([outbound('a')], never);
    const ask = async (): Promise<QueryAnswer | undefined> => (await provider.query([taskOf(outcome)], never))[0];
    await expect(ask()).resolves.toEqual({ state: 'waiting', receipts: [] });
    const delivered = await ask();
    expect([delivered?.state, statuses(delivered)]).toEqual(['waiting', { a: 'delivered' }]);
    fake.read('a');
    const read = await ask();
    expect([read?.state, statuses(read)]).toEqual(['ended', { a: 'read' }]);
  });

  it('ends with the first result where readers are of no interest', async () => {
    const fake = await openFake();
    const provider = connect(fake.account, { readReceipts: false });
    const [outcome] = await provider.send([outbound('a')], never);
    const [answer] = await provider.query([taskOf(outcome)], never);
    expect([answer?.state, statuses(answer)]).toEqual(['ended', { a: 'delivered' }]);
  });

  it('ends for a task that is older than a day or unknown', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const [outcome] = await provider.send([outbound('a')], never);
    const later = Date.now() + 86_400_001;
    fake.now = () => later;
    await expect(provider.query([taskOf(outcome), '77'], never)).resolves.toEqual([
      { state: 'ended', receipts: [] },
      { state: 'ended', receipts: [] },
    ]);
  });

  it.each([
    ['fails', { kind: 'status', status: 500 }],
    ['is too busy', { kind: 'status', status: 429 }],
    ['breaks off', { kind: 'reset' }],
    ['moved', { kind: 'status', status: 302 }],
  ] as const)('asks again later where the vendor %s', async (_title, fault) => {
    const vendor = opening(
      await MisbehavingVendor.open(() => ({ errcode: 0, errmsg: 'ok', access_token: 't1', expires_in: 7200 })),
    );
    vendor.affected = ({ path }) => path.endsWith('/getsendprogress');
    vendor.play(fault);
    const provider = connect({ appKey: 'ding1', appSecret: 'secret', agentId: 7, baseUrl: vendor.baseUrl });
    await expect(provider.query(['1'], never)).resolves.toEqual([{ state: 'waiting', receipts: [] }]);
  });

  it('gets the same words to the same person as often as they are sent', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const outcomes: Outcome[] = [];
    for (let i = 0; i < 5; i++) outcomes.push(...(await provider.send([outbound('a'), outbound('a')], never)));
    expect(fake.inbox).toHaveLength(10);
    const answers = await provider.query(outcomes.map(taskOf), never);
    expect(answers.map(statuses)).toEqual(outcomes.map(() => ({ a: 'delivered' })));
  });

  it('without the unique line loses them to DingTalk’s rule, which the result tells', async () => {
    const fake = await openFake();
    const provider = connect(fake.account, { uniqueLine: false });
    await provider.send([outbound('a')], never);
    const [again] = await provider.send([outbound('a')], never);
    expect([again?.class, fake.inbox.length]).toEqual(['ok', 1]);
    const [answer] = await provider.query([taskOf(again)], never);
    expect([answer?.state, statuses(answer)]).toEqual(['ended', { a: 'failed 143106' }]);
  });

  it('asks the core to keep a person below 500 a day: beyond it the result tells of the loss', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const [limit] = provider.recipientLimits;
    expect(limit).toEqual({ max: 500, windowS: 86_400 });
    const batch = Array.from({ length: 500 }, (_, i) => outbound('a', { content: { text: `text ${i}` } }));
    await provider.send(batch, never);
    expect(fake.inbox).toHaveLength(500);
    const [beyond] = await provider.send([outbound('a')], never);
    const [answer] = await provider.query([taskOf(beyond)], never);
    expect(statuses(answer)).toEqual({ a: 'failed 143105' });
  });

  it('gets another token where the one it has is refused, once for all calls', async () => {
    const fake = await openFake();
    const custody = new MemoryTokenCustody();
    const provider = connect(fake.account, {}, custody);
    await provider.send([outbound('a')], never);
    fake.revokeToken();
    const batch = Array.from({ length: 20 }, (_, i) => outbound('a', { content: { text: `text ${i}` } }));
    const outcomes = await provider.send(batch, never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(batch.map(() => 'ok'));
    expect([custody.fetches, fake.inbox.length]).toEqual([2, 21]);
  });

  it('is wrongly set up with a wrong secret, and does not repeat it', async () => {
    const fake = await openFake();
    const appSecret = 'a-wrong-secret-001';
    const [outcome] = await connect({ ...fake.account, appSecret }).send([outbound('a')], never);
    expect(outcome).toMatchObject({ class: 'bad_config', code: '40089' });
    expect(outcome?.words).not.toContain(appSecret);
  });

  it('keeps both codes where the real one is hidden behind 88', async () => {
    const fake = await openFake();
    fake.refuse('88/60011');
    const [outcome] = await connect(fake.account).send([outbound('a')], never);
    expect(outcome).toMatchObject({ class: 'bad_config', code: '88/60011' });
    expect(outcome?.words).not.toContain(fake.account.appSecret);
  });

  it.each(['a,b', 'a b', ''])('does not let the address %j reach anybody', async (address) => {
    const fake = await openFake();
    const [outcome] = await connect(fake.account).send([outbound(address)], never);
    expect(outcome).toMatchObject({ class: 'bad_recipient', code: 'bad_address' });
    expect(fake.requests).toHaveLength(0);
  });

  it('sends the rest of a call that is refused for one person’s sake', async () => {
    const fake = await openFake();
    const batch = ['a', 'malformed', 'b', 'c'].map((address) => outbound(address));
    const outcomes = await connect(fake.account).send(batch, never);
    expect(outcomes.map(({ code }) => code)).toEqual([undefined, '33012', undefined, undefined]);
    expect(fake.inbox.map(({ userId }) => userId).sort()).toEqual(['a', 'b', 'c']);
  });
});
