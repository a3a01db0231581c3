import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WecomFake } from '../../support/fakes/wecom.js';
import { wholeCenter, type WholeCenter } from '../../support/whole-center.js';
import { emptying } from '../../support/emptying.js';

const HOUR_MS = 3_600_000;

let mc: WholeCenter;
let wecom: WecomFake;
beforeAll(async () => {
  mc = await wholeCenter();
});
beforeEach(async () => {
  // Another app each time: nobody remembers the token of the one before.
  wecom = await WecomFake.open({ secret: randomBytes(16).toString('hex') });
  for (const userId of ['li', 'wang', 'nobody']) await mc.person(userId, { wecom: userId });
  await mc.setUp('wecom', { id: 'main', provider: 'wecom', settings: wecom.account });
});
afterEach(async () => {
  await mc.setUp('wecom');
  await wecom.close();
  await mc.rows(emptying('recipient_window'));
  await mc.keepsItsPromises();
});
afterAll(() => mc.close());

const inboxOf = (userId: string): string[] =>
  wecom.inbox
    .filter((notice) => notice.userId === userId)
    .map(({ message }) => (message['text'] as { content: string }).content);
const tokenCalls = (): number => wecom.requests.filter(({ path }) => path === '/cgi-bin/gettoken').length;

describe('a message by WeCom', () => {
  it('reaches members in one call, and the report says what WeCom said of each', async () => {
    const id = await mc.send(['li', 'nobody', 'wang'], ['wecom'], '会议改到三点');
    const [li, nobody, wang] = await mc.untilStatuses(id, 'sent', 'failed', 'sent');
    expect([inboxOf('li'), inboxOf('wang')]).toEqual([['会议改到三点'], ['会议改到三点']]);
    expect(wecom.requests.filter(({ path }) => path === '/cgi-bin/message/send')).toHaveLength(1);
    for (const item of [li, wang])
      expect(item).toMatchObject({
        provider: 'wecom',
        error: null,
        attempts: [{ account: 'wecom:main', outcome: 'ok' }],
      });
    expect(nobody).toMatchObject({ error: { code: 'invaliduser' }, attempts: [{ outcome: 'bad_recipient' }] });
  });

  it('to somebody who is no member suspends his address, which is shown and not used until it is registered again', async () => {
    await mc.untilStatuses(await mc.send(['nobody'], ['wecom'], 'zeroth'), 'failed');
    expect(await mc.suspended('nobody')).toEqual([]); // 81013: he may only be outside the range of the app
    wecom.refuse(60111);
    await mc.untilStatuses(await mc.send(['nobody'], ['wecom'], 'first'), 'failed');
    expect(await mc.suspended('nobody')).toMatchObject([
      { channel: 'wecom', address: 'nobody', suspended: { reason: '60111' } },
    ]);
    const calls = wecom.requests.length;
    const [next] = await mc.untilStatuses(await mc.send(['nobody'], ['wecom'], 'second'), 'failed');
    expect([next?.error?.code, next?.attempts, wecom.requests.length]).toEqual(['no_address', [], calls]);
    await mc.person('nobody', { wecom: 'nobody.else' });
    expect(await mc.suspended('nobody')).toEqual([]);
    await mc.untilStatuses(await mc.send(['nobody'], ['wecom'], 'third'), 'sent');
    expect(inboxOf('nobody.else')).toEqual(['third']);
  });

  it('that is the 31st within a minute waits instead of being swallowed', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 31; n++) ids.push(await mc.send(['li'], ['wecom'], `notice ${n}`));
    const reports = await mc.until(
      'all but one are sent',
      async () => (await Promise.all(ids.map((id) => mc.report(id)))).flat(),
      (items) => items.filter(({ status }) => status === 'sent').length === 30 && items.some((item) => item.nextTryAt),
    );
    const [late] = reports.filter(({ status }) => status !== 'sent');
    expect(late).toMatchObject({ status: 'pending', attempts: [] });
    expect([inboxOf('li').length, wecom.dropped]).toEqual([30, 0]);

    // A minute and the part of one in which the messages are counted together pass, here and at WeCom.
    wecom.now = () => Date.now() + 71_000;
    await mc.rows(`UPDATE recipient_window SET window_start = window_start - interval '71 seconds'`);
    await mc.passTime();
    for (const id of ids) await mc.untilStatuses(id, 'sent');
    expect([inboxOf('li').length, new Set(inboxOf('li')).size, wecom.dropped]).toEqual([31, 31, 0]);
  });
});

describe('an access token', () => {
  it('that has expired is replaced once, however many workers find out', async () => {
    const workers = [mc, await mc.replica(), await mc.replica()];
    try {
      for (const worker of workers) await worker.untilStatuses(await worker.send(['li'], ['wecom'], 'hello'), 'sent');
      expect(tokenCalls()).toBe(1);
      const sentBefore = await Promise.all(workers.map((worker) => worker.metric('mc_deliveries_total')));

      wecom.now = () => Date.now() + 3 * HOUR_MS;
      const ids = await Promise.all(
        workers.flatMap((worker) => Array.from({ length: 10 }, (_, n) => worker.send(['wang'], ['wecom'], `${n}`))),
      );
      for (const id of ids) await mc.untilStatuses(id, 'sent');

      expect(tokenCalls()).toBe(2);
      expect(inboxOf('wang')).toHaveLength(30);
      const refused = wecom.requests.filter(({ query }) => query.get('access_token') === 'wecom-token-1').length - 3;
      expect(refused).toBeGreaterThan(1);
      for (const [n, worker] of workers.entries())
        expect(await worker.metric('mc_deliveries_total')).toBeGreaterThan(sentBefore[n] ?? Infinity);
    } finally {
      await Promise.all(workers.slice(1).map((worker) => worker.close()));
    }
  });
});

describe('an account that WeCom refuses', () => {
  const main = { id: 'main', provider: 'wecom' };

  it('is stopped with an alarm and nothing is lost: the message goes out once it is set right', async () => {
    await mc.setUp('wecom', { ...main, settings: { ...wecom.account, secret: 'not-the-secret-9876543210' } });
    const id = await mc.send(['li'], ['wecom'], 'patience');
    await mc.until(
      'the alarm',
      () => mc.openAlarms(),
      (alarms) => alarms.length > 0,
    );
    expect(await mc.openAlarms()).toEqual([['account_stopped', 'wecom:main', '40001']]);
    expect(await mc.account('wecom', 'main')).toMatchObject({ health: { state: 'stopped', code: '40001' } });
    await mc.setUp('wecom', { ...main, settings: wecom.account });
    await mc.untilStatuses(id, 'sent');
    expect([await mc.openAlarms(), inboxOf('li')]).toEqual([[], ['patience']]);
  });

  it('stays well once it is set right, although another worker has not heard of that yet', async () => {
    const worker = await mc.replica();
    try {
      await mc.setUp('wecom', { ...main, settings: { ...wecom.account, secret: 'not-the-secret-9876543210' } });
      const ids: string[] = [];
      for (let n = 0; n < 10; n++) ids.push(await worker.send(['li'], ['wecom'], `notice ${n}`));
      await mc.until(
        'the alarm',
        () => mc.openAlarms(),
        (alarms) => alarms.length > 0,
      );
      const providers = [{ ...main, settings: wecom.account }];
      expect((await mc.admin('PUT', '/v1/channels/wecom', { enabled: true, providers })).status).toBe(200);
      await mc.until(
        'all are sent',
        async () => {
          await mc.passTime();
          return (await Promise.all(ids.map((id) => mc.report(id)))).flat();
        },
        (items) => items.length === 10 && items.every(({ status }) => status === 'sent'),
      );
      expect(await mc.openAlarms()).toEqual([]);
    } finally {
      await worker.close();
    }
  });

  it('shows its secret nowhere', async () => {
    const secret = 'not-the-secret-9876543210';
    const put = await mc.setUp('wecom', { ...main, settings: { ...wecom.account, secret } });
    const test = await mc.admin('POST', '/v1/channels/wecom/test', { address: 'li' });
    expect(test.body).toMatchObject({ outcome: 'bad_config', provider: 'wecom', code: '40001' });
    expect(test.body.words).toContain('invalid credential');
    expect(test.body.hint.en).toContain('secret is wrong');
    const id = await mc.send(['li'], ['wecom'], 'hello');
    await mc.until(
      'the alarm',
      () => mc.openAlarms(),
      (alarms) => alarms.length > 0,
    );
    const answers = await Promise.all(
      ['channels', 'channels/wecom', 'alarms', 'audit-log', `messages/${id}/deliveries`].map((path) =>
        mc.admin('GET', `/v1/${path}`),
      ),
    );
    for (const { status, text } of [put, test, ...answers])
      expect([status, text.includes(secret)]).toEqual([200, false]);
    expect(put.body.providers[0].secretsSet).toEqual(['secret']);
    await mc.setUp('wecom', { ...main, settings: wecom.account });
    await mc.untilStatuses(id, 'sent');
  });

  it('answers a test as WeCom does', async () => {
    const test = await mc.admin('POST', '/v1/channels/wecom/test', { address: 'li' });
    expect(test.body).toMatchObject({ outcome: 'ok', provider: 'wecom' });
    expect(inboxOf('li')).toHaveLength(1);
    const nobody = await mc.admin('POST', '/v1/channels/wecom/test', { address: 'nobody' });
    expect(nobody.body).toMatchObject({
      outcome: 'bad_recipient',
      code: '81013',
      words: expect.stringContaining('invalid'),
    });
    expect(nobody.body.hint.zh).toContain('可见范围');
  });
});
