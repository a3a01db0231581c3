import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { WecomFake, type WecomFakeOptions } from '../../../../test/support/fakes/wecom.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery } from '../port/channel-provider.port.js';
import { WecomFactory } from './wecom.factory.js';

const never = new AbortController().signal;
const SEND = '/cgi-bin/message/send';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const openFake = async (options?: WecomFakeOptions): Promise<WecomFake> => opening(await WecomFake.open(options));
const connect = (
  account: Record<string, unknown>,
  custody = new MemoryTokenCustody(),
  settings: Record<string, unknown> = {},
): ChannelProvider => {
  const http = opening(new GuardedHttp({ allow: ['127.0.0.0/8'] }));
  const factory = new WecomFactory(http, custody);
  return opening(
    factory.create({
      id: 'acct-canary-5',
      channel: 'wecom',
      provider: 'wecom',
      settings: { timeoutMs: 2000, ...account, ...settings },
    }),
  );
};
const sends = (fake: WecomFake): { touser: string }[] =>
  fake.requests.filter(({ path }) => path === SEND).map(({ body }) => JSON.parse(body) as { touser: string });
const many = (count: number, more: Partial<OutboundDelivery> = {}): OutboundDelivery[] =>
  Array.from({ length: count }, (_, i) => outbound(`user${i}`, more));

describe('WeCom', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake();
    return {
      provider: connect(fake.account),
      goodAddress: (n) => `user${n}`,
      refusedAddress: 'nobody',
      silentAddress: 'silent',
      unreachable: connect({ ...fake.account, baseUrl: `http://127.0.0.1:${await closedPort()}` }),
      secrets: [fake.account.secret, 'wecom-token-1'],
      accountId: 'acct-canary-5',
      received: () => JSON.stringify(fake.requests),
      carriesRef: false,
      close: () => Promise.resolve(),
    };
  });

  itSurvivesVendorFaults({
    connect: (baseUrl) => connect({ corpId: 'ww1', secret: 'secret-of-the-app', agentId: 7, baseUrl, timeoutMs: 1500 }),
    healthy: ({ path }) =>
      path === SEND
        ? { errcode: 0, errmsg: 'ok', msgid: 'm1' }
        : { errcode: 0, errmsg: 'ok', access_token: 't1', expires_in: 7200 },
    isSend: ({ path }) => path === SEND,
    isToken: ({ path }) => path === '/cgi-bin/gettoken',
    address: 'zhangsan',
  });

  it('hands one content to a thousand members in one call, and names those that cannot be reached', async () => {
    const fake = await openFake({ isMember: (userId) => !/7$/.test(userId) });
    const outcomes = await connect(fake.account).send(many(1000), never);
    expect(sends(fake)).toHaveLength(1);
    outcomes.forEach((outcome, i) => expect([i, outcome.class]).toEqual([i, i % 10 === 7 ? 'bad_recipient' : 'ok']));
    expect(fake.inbox).toHaveLength(900);
    expect(new Set(outcomes.flatMap(({ providerRef }) => providerRef ?? [])).size).toBe(900);
  });

  it('tells members by their id without case, as WeCom does', async () => {
    const fake = await openFake({ isMember: (userId) => userId !== 'gone' });
    const outcomes = await connect(fake.account).send([outbound('ZhangSan'), outbound('GONE')], never);
    expect(outcomes).toEqual([
      { class: 'ok', providerRef: 'wecom-msg-1:ZhangSan' },
      expect.objectContaining({ class: 'bad_recipient', code: 'invaliduser' }),
    ]);
  });

  it('keeps different contents apart and sends two messages of the same words twice', async () => {
    const fake = await openFake();
    const content = { text: 'other' };
    const batch = [outbound('a'), outbound('b', { content }), outbound('A'), outbound('c')];
    const outcomes = await connect(fake.account).send(batch, never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(sends(fake).map(({ touser }) => touser)).toEqual(['a|c', 'b', 'A']);
    expect(fake.inbox.filter(({ userId }) => userId === 'a')).toHaveLength(2);
  });

  it('sends the same words again later: nothing is taken for a repetition', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    await provider.send([outbound('a', { attempt: 1 })], never);
    await provider.send([outbound('a', { attempt: 2 })], never);
    expect(fake.inbox).toHaveLength(2);
    expect(provider.isIdempotent).toBe(false);
  });

  it.each(['@all', '@ALL', 'a|b', 'a b', ''])('does not let the address %j reach anybody', async (address) => {
    const fake = await openFake();
    const [outcome, other] = await connect(fake.account).send([outbound(address), outbound('a')], never);
    expect(outcome).toMatchObject({ class: 'bad_recipient', code: 'bad_address' });
    expect(other?.class).toBe('ok');
    expect(fake.inbox.map(({ userId }) => userId)).toEqual(['a']);
  });

  it('fetches one token for many calls', async () => {
    const fake = await openFake();
    const custody = new MemoryTokenCustody();
    const batch = Array.from({ length: 50 }, (_, i) => outbound('a', { content: { text: `text ${i}` } }));
    await connect(fake.account, custody, { concurrency: 50 }).send(batch, never);
    expect(custody.fetches).toBe(1);
  });

  it.each(['revoked', 'expired'])('gets another token where the one it has is %s, once for all calls', async (how) => {
    const fake = await openFake();
    const custody = new MemoryTokenCustody();
    const provider = connect(fake.account, custody);
    await provider.send([outbound('a')], never);
    if (how === 'revoked') fake.revokeToken();
    else fake.now = () => Date.now() + 7201_000;
    const batch = Array.from({ length: 20 }, (_, i) => outbound(`b${i}`, { content: { text: `text ${i}` } }));
    const outcomes = await provider.send(batch, never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(batch.map(() => 'ok'));
    expect(custody.fetches).toBe(2);
    expect(fake.inbox).toHaveLength(21);
  });

  it('gives up when the new token is refused, too', async () => {
    const fake = await openFake();
    fake.refuse(40014, 40014);
    await expect(connect(fake.account).send([outbound('a')], never)).resolves.toEqual([
      expect.objectContaining({ class: 'auth_refresh', code: '40014' }),
    ]);
    expect(sends(fake)).toHaveLength(2);
  });

  it('is wrongly set up with a wrong secret, and does not repeat it', async () => {
    const fake = await openFake();
    const secret = 'a-wrong-secret-001';
    const [outcome] = await connect({ ...fake.account, secret }).send([outbound('a')], never);
    expect(outcome).toMatchObject({ class: 'bad_config', code: '40001' });
    expect(outcome?.words).not.toContain(secret);
    expect(sends(fake)).toHaveLength(0);
  });

  it('sends nothing when the keeper of tokens fails', async () => {
    const fake = await openFake();
    const custody = new MemoryTokenCustody();
    custody.current = () => Promise.reject(new Error('connection terminated'));
    await expect(connect(fake.account, custody).send([outbound('a')], never)).resolves.toEqual([
      { class: 'retry', code: 'token_unavailable', words: 'connection terminated' },
    ]);
  });

  it('finds the member for whose sake a whole call is refused', async () => {
    const fake = await openFake();
    fake.refuse(60111, 40003);
    const outcomes = await connect(fake.account, undefined, { concurrency: 1 }).send(many(3), never);
    // All three, then the first alone; the other two go out together.
    expect(sends(fake).map(({ touser }) => touser)).toEqual(['user0|user1|user2', 'user0', 'user1|user2']);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['bad_recipient', 'ok', 'ok']);
  });

  it('answers the same for all where the refusal is no one’s fault', async () => {
    const fake = await openFake();
    fake.refuse(45009);
    const outcomes = await connect(fake.account).send(many(3), never);
    expect(outcomes.map(({ isAccountWide }) => isAccountWide)).toEqual([true, true, true]);
    expect(sends(fake)).toHaveLength(1);
  });

  it('asks the core to pace members as WeCom does: within the limits nothing is lost, beyond it is, without a word', async () => {
    const fake = await openFake();
    const provider = connect(fake.account);
    const [limit] = provider.recipientLimits ?? [];
    const texts = Array.from({ length: (limit?.max ?? 0) + 1 }, (_, i) => outbound('a', { content: { text: `${i}` } }));
    await provider.send(texts.slice(0, limit?.max), never);
    expect(fake.dropped).toBe(0);
    const [beyond] = await provider.send(texts.slice(limit?.max), never);
    expect([beyond?.class, fake.dropped]).toEqual(['ok', 1]);
    const start = Date.now();
    fake.now = () => start + (limit?.windowS ?? 0) * 1000 + 1000;
    await provider.send([outbound('a')], never);
    expect(fake.dropped).toBe(1);
  });
});
