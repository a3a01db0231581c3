import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { DingtalkRobotFake, type DingtalkRobotFakeOptions } from '../../../../test/support/fakes/dingtalk-robot.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery } from '../port/channel-provider.port.js';
import { DingtalkRobotFactory } from './dingtalk-robot.factory.js';

const never = new AbortController().signal;
const SECRET = 'SEC0123456789abcdef';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};
const openFake = async (options?: DingtalkRobotFakeOptions): Promise<DingtalkRobotFake> =>
  opening(await DingtalkRobotFake.open(options));
const connect = (settings: Record<string, unknown>): ChannelProvider => {
  const http = opening(new GuardedHttp({ allow: ['127.0.0.0/8'] }));
  return opening(
    new DingtalkRobotFactory(http).create({
      id: 'acct-canary-7',
      channel: 'dingtalk',
      provider: 'dingtalk-robot',
      settings: { timeoutMs: 2000, ...settings },
    }),
  );
};
const accountOf = ({ accessToken, baseUrl }: DingtalkRobotFake): Record<string, unknown> => ({ accessToken, baseUrl });
const texts = (count: number): OutboundDelivery[] =>
  Array.from({ length: count }, (_, i) => outbound('a', { content: { text: `text ${i}` } }));

describe('DingTalk robot', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake({ signSecret: SECRET });
    const account = { ...accountOf(fake), signSecret: SECRET };
    return {
      provider: connect(account),
      goodAddress: (n) => `user${n}`,
      refusedAddress: 'two,people',
      silentAddress: 'silent',
      unreachable: connect({ ...account, baseUrl: `http://127.0.0.1:${await closedPort()}` }),
      secrets: [SECRET, fake.accessToken],
      accountId: 'acct-canary-7',
      received: () => JSON.stringify(fake.requests),
      carriesRef: false,
      close: () => Promise.resolve(),
    };
  });

  itSurvivesVendorFaults({
    connect: (baseUrl) => connect({ accessToken: 'token', baseUrl, timeoutMs: 1500 }),
    healthy: () => ({ errcode: 0, errmsg: 'ok' }),
    isSend: () => true,
    address: 'zhangsan',
  });

  it('posts one message for all who get the same, and mentions each of them', async () => {
    const fake = await openFake();
    const batch = ['a', 'b', 'c'].map((address) => outbound(address));
    const outcomes = await connect(accountOf(fake)).send(batch, never);
    expect(outcomes).toEqual([{ class: 'ok' }, { class: 'ok' }, { class: 'ok' }]);
    expect(fake.posts).toEqual([
      {
        msgtype: 'text',
        text: { content: 'A title\nA text\n@a @b @c' },
        at: { atUserIds: ['a', 'b', 'c'], isAtAll: false },
      },
    ]);
  });

  it('posts in the order of the batch', async () => {
    const fake = await openFake();
    await connect(accountOf(fake)).send(texts(10), never);
    expect(fake.posts.map(({ text }) => (text as { content: string }).content)).toEqual(
      texts(10).map(({ content }) => `${content.text}\n@a`),
    );
  });

  it.each([
    ['a signature of another secret', { signSecret: SECRET }, { signSecret: 'SECanother0123456' }],
    ['no signature', { signSecret: SECRET }, {}],
    ['no keyword', { keyword: '通知' }, {}],
  ])('is wrongly set up with %s', async (_title, rules, settings) => {
    const fake = await openFake(rules);
    const [outcome] = await connect({ ...accountOf(fake), ...settings }).send([outbound('a')], never);
    expect(outcome).toMatchObject({ class: 'bad_config', code: '310000' });
    expect(fake.posts).toHaveLength(0);
  });

  it('is wrongly set up with an unknown token, and does not repeat it', async () => {
    const fake = await openFake();
    const accessToken = 'another-token-0123';
    const [outcome] = await connect({ ...accountOf(fake), accessToken }).send([outbound('a')], never);
    expect(outcome).toMatchObject({ class: 'bad_config', code: '300001' });
    expect(outcome?.words).not.toContain(accessToken);
  });

  it('is wrongly set up when its clock is more than an hour off', async () => {
    const fake = await openFake({ signSecret: SECRET });
    fake.now = () => Date.now() + 3_700_000;
    const [outcome] = await connect({ ...accountOf(fake), signSecret: SECRET }).send([outbound('a')], never);
    expect(outcome).toMatchObject({ class: 'bad_config', code: '310000', words: 'invalid timestamp' });
  });

  it('adds the keyword that the robot asks for', async () => {
    const fake = await openFake({ keyword: '通知' });
    const [outcome] = await connect({ ...accountOf(fake), keyword: '通知' }).send([outbound('a')], never);
    expect(outcome?.class).toBe('ok');
  });

  it('stops before the robot is silenced: 20 a minute, the rest later', async () => {
    const fake = await openFake();
    const provider = connect(accountOf(fake));
    const outcomes = await provider.send(texts(50), never);
    expect(outcomes.filter((outcome) => outcome.class === 'ok')).toHaveLength(20);
    expect(outcomes[20]).toMatchObject({ class: 'rate_limited', code: 'minute_full', isAccountWide: true });
    expect(outcomes[49]?.retryAfterMs).toBeGreaterThan(0);
    expect(outcomes[49]?.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect([fake.posts.length, fake.requests.length]).toEqual([20, 20]);
  });

  it('takes two workers too many for what it is: everybody waits ten minutes, after one refusal', async () => {
    const fake = await openFake();
    await connect(accountOf(fake)).send(texts(20), never);
    const outcomes = await connect(accountOf(fake)).send(texts(5), never);
    expect(outcomes).toEqual(
      texts(5).map(() => expect.objectContaining({ class: 'rate_limited', code: '130101', retryAfterMs: 600_000 })),
    );
    expect(fake.requests).toHaveLength(21);
  });
});
