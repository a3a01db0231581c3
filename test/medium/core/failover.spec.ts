import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { UnansweredRepository, WorkRepository } from '#entities';
import { Metrics } from '#platform';
import { ChannelTestAnswerer } from '../../../apps/channel-worker/src/real-time/channel-test.answerer.js';
import { only } from '../../support/core-steps.js';
import { accountsCore, users, type AccountsCore } from './accounts.fixture.js';

let mc: AccountsCore;
beforeAll(async () => {
  mc = await accountsCore();
  await mc.addApp('app');
  for (const n of [1, 2, 3]) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  await mc.tidy();
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const sms = only('sms');
const calledAccounts = (): string[] => mc.provider.sent.map(({ account }) => account);
/** `main` answers so, every other account `ok`. */
const mainAnswers = (outcome: { class: 'bad_config' | 'retry'; code: string; words?: string }): void =>
  mc.provider.on('sms', ({ account, ref }) =>
    account === 'sms:main' ? outcome : { class: 'ok', providerRef: `${account}/${ref}` },
  );

describe('an account that is wrongly set up', () => {
  const refused = { class: 'bad_config', code: '40013', words: 'invalid appid' } as const;

  it('hands its deliveries to the next one at once; the ledger shows both', async () => {
    await mc.addAccount('second', { weight: 0 });
    mainAnswers(refused);
    const id = await mc.send({ to: users('u1', 'u2'), ...sms });
    await mc.work();
    for (const { due_in_s: dueInS } of await mc.waiting(id)) expect(dueInS).toBeLessThanOrEqual(0);
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([
      { status: 20, attempts: 2, error_code: null },
      { status: 20, attempts: 2 },
    ]);
    expect((await mc.attempts(id)).filter(({ seq }) => seq === 0)).toMatchObject([
      { attempt: 1, account: 'sms:main', outcome: 'bad_config', code: '40013' },
      { attempt: 2, account: 'sms:second', outcome: 'ok', is_possible_duplicate: false },
    ]);
  });

  /** `main` takes what others send and refuses what `u1` gets; `second` may not be called. */
  const refusesOne = async (): Promise<void> => {
    await mc.addAccount('second', { weight: 0 });
    await mc.rows(
      `INSERT INTO account_health (account, parked_until, parked_reason) VALUES ('sms:second', now() + interval '1 hour', 'quota')`,
    );
    await mc.refresh();
    mc.provider.on('sms', ({ address }) => (address === '13800000001' ? refused : { class: 'ok' }));
  };

  it('that refuses one content only, while the other may not be called, is asked once more at once and then along the ladder', async () => {
    await refusesOne();
    const id = await mc.send({ to: users('u1'), ...sms });
    for (let look = 0; look < 4; look++) {
      await mc.send({ to: users('u2'), ...sms });
      await mc.work();
    }
    expect(mc.provider.sentTo('13800000001')).toHaveLength(2);
    expect(await mc.waiting(id)).toMatchObject([{ kind: 'deliver', attempts: 2 }]);
  });

  it('that refuses one content only, while the other may not be called, is left for the next channel after three tries', async () => {
    await refusesOne();
    const id = await mc.send({ to: users('u1') });
    for (let look = 0; look < 3; look++) {
      await mc.send({ to: users('u2'), ...sms });
      await mc.makeDue(id);
      await mc.work('sms');
    }
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 31, attempts: 3 }, { channel: 'mail' }]);
  });

  it('is stopped with an alarm, and others do not notice', async () => {
    await mc.addAccount('second', { weight: 0 });
    mainAnswers(refused);
    await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(await mc.health('sms:main')).toMatchObject({ state: 'stopped', code: '40013', words: 'invalid appid' });
    expect(await mc.rows('SELECT kind, subject, data, count FROM alarm')).toEqual([
      { kind: 'account_stopped', subject: 'sms:main', data: { code: '40013', words: 'invalid appid' }, count: 1 },
    ]);
    await mc.send({ to: users('u2'), ...sms });
    await mc.work();
    expect(calledAccounts()).toEqual(['sms:main', 'sms:second', 'sms:second']);
  });

  it('keeps the backlog of a channel waiting, uncounted, and is tried with one delivery every ten minutes', async () => {
    mainAnswers(refused);
    const first = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    const id = await mc.send({ to: users('u1', 'u2', 'u3'), ...sms });
    for (let i = 0; i < 3; i++) {
      await mc.makeDue(first);
      await mc.makeDue(id);
      await mc.work();
    }
    expect(mc.provider.sent).toHaveLength(1);
    expect(await mc.deliveries(id)).toMatchObject(Array(3).fill({ status: 0, attempts: 0 }));
    const [waiting] = await mc.waiting(id);
    expect(waiting?.due_in_s).toBeGreaterThan(590);
    await mc.endPause('sms:main');
    await mc.makeDue(id);
    await mc.work();
    expect(mc.provider.sent).toHaveLength(2);
    mc.provider.on('sms', { class: 'ok' });
    await mc.endPause('sms:main');
    await mc.makeDue(id);
    await mc.work();
    expect(await mc.health('sms:main')).toMatchObject({ state: 'closed' });
    expect(await mc.rows('SELECT 1 FROM alarm WHERE cleared_at IS NULL')).toEqual([]);
    expect((await mc.deliveries(id)).map(({ status }) => status)).toEqual([20, 20, 20]);
  });

  it('is left for the next channel at once where there is one', async () => {
    mainAnswers(refused);
    await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    const id = await mc.send({ to: users('u2') });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31, attempts: 0, error_code: 'account_stopped' },
      { channel: 'mail', status: 20 },
    ]);
    expect(calledAccounts()).toEqual(['sms:main', 'mail:main']);
  });

  it('goes on when an administrator’s test works, and what waits is due at once', async () => {
    mainAnswers(refused);
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    await mc.makeDue(id);
    await mc.work();
    const test = mc.get(ChannelTestAnswerer);
    const probe = { channel: 'sms', address: '13800000009', accountId: 'main' } as const;
    expect(await test.test(probe)).toMatchObject({ outcome: 'bad_config', code: '40013' });
    expect(await mc.health('sms:main')).toMatchObject({ state: 'stopped' });
    mc.provider.on('sms', { class: 'ok' });
    expect(await test.test(probe)).toMatchObject({ outcome: 'ok' });
    expect(await mc.health('sms:main')).toMatchObject({ state: 'closed' });
    expect((await mc.waiting(id))[0]?.due_in_s).toBeLessThanOrEqual(0);
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }]);
  });

  it('is not meant where only one of a send’s contents is refused', async () => {
    mc.provider.on('sms', ({ address }) => (address === '13800000001' ? refused : { class: 'ok' }));
    await mc.send({ to: users('u1', 'u2'), ...sms });
    await mc.work();
    expect(await mc.rows('SELECT 1 FROM account_health')).toEqual([]);
  });
});

describe('an account whose circuit is open', () => {
  it('is passed over', async () => {
    await mc.addAccount('second', { weight: 0 });
    await mc.rows(
      `INSERT INTO account_health (account, state, until) VALUES ('sms:main', 'open', now() + interval '1 minute')`,
    );
    await mc.refresh();
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(calledAccounts()).toEqual(['sms:second']);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, attempts: 1 }]);
  });

  it('hands over the rest of the batch in the middle of which it opened', async () => {
    await mc.addAccount('second', { weight: 0 });
    mc.provider.maxBatch = 1;
    const people = Array.from({ length: 15 }, (_, i) => ({ channel: 'sms' as const, address: `138000001${10 + i}` }));
    mainAnswers({ class: 'retry', code: 'http_503' });
    await mc.send({ to: { addresses: people }, ...sms });
    await mc.work();
    expect(calledAccounts()).toEqual([...Array<string>(10).fill('sms:main'), ...Array<string>(5).fill('sms:second')]);
  });
});

describe('a receipt that does not come', () => {
  const unanswered = async (): Promise<number> => {
    await mc.rows(`UPDATE work SET due_at = now() WHERE kind = 'receipt'`);
    return mc.get(UnansweredRepository).sendAgain(await mc.get(WorkRepository).claimDue('receipt', 100));
  };

  it('lets the next account take its turn, once each; both attempts stand, the duplicate is counted', async () => {
    await mc.setMain({ receipt_within_s: 120, weight: 1 });
    await mc.addAccount('second', { weight: 0, receipt_within_s: 60 });

    mc.provider.on('sms', ({ account, ref }) => ({ class: 'ok', providerRef: `${account}/${ref}` }));
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    const [receipt, ...others] = await mc.waiting(id);
    expect(others).toEqual([]);
    expect(receipt).toMatchObject({ kind: 'receipt', seqs: [0], avoid: ['sms:main'] });
    expect(receipt?.due_in_s).toBeGreaterThan(115);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 1 });
    const before = await duplicates();
    expect(await unanswered()).toBe(1);
    await mc.work();
    expect(calledAccounts()).toEqual(['sms:main', 'sms:second']);
    expect(await duplicates()).toBe(before + 1);
    expect(await mc.attempts(id)).toMatchObject([
      { attempt: 1, account: 'sms:main', outcome: 'ok', is_possible_duplicate: false },
      { attempt: 2, account: 'sms:second', outcome: 'ok', is_possible_duplicate: true },
    ]);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, attempts: 2 }]);
    expect(await mc.waiting(id)).toEqual([]);
    const ref = mc.provider.sent.at(-1)?.ref ?? '';
    await mc.rows(`INSERT INTO receipt (account, provider_id, status) VALUES ('sms:second', $1, 40)`, [
      `sms:second/${ref}`,
    ]);
    await mc.receipt('sms', 'nobody’s', 'read');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 40 }]);
  });

  it('that comes in time leaves the others alone', async () => {
    await mc.setMain({ receipt_within_s: 120 });
    await mc.addAccount('second', { weight: 0 });
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    await mc.receipt('sms', mc.provider.sent[0]?.ref ?? '', 'delivered');
    expect(await unanswered()).toBe(0);
    expect(await mc.waiting(id)).toEqual([]);
    expect(mc.provider.sent).toHaveLength(1);
  });

  it('is not awaited where there is no other account, or none was asked for', async () => {
    await mc.setMain({ receipt_within_s: 120 });
    const alone = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(await mc.waiting(alone)).toEqual([]);
    await mc.setMain({ receipt_within_s: null });
    await mc.addAccount('second', { weight: 0 });
    const unasked = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(await mc.waiting(unasked)).toEqual([]);
  });

  it('of a cancelled message sends nothing again', async () => {
    await mc.setMain({ receipt_within_s: 120 });
    await mc.addAccount('second', { weight: 0 });
    const id = await mc.send({ to: users('u1', 'u2'), ...sms });
    await mc.work();
    await mc.cancel(id);
    expect(await unanswered()).toBe(0);
  });

  it('waits for the next account where that one is ill, without losing its place', async () => {
    await mc.setMain({ receipt_within_s: 120 });
    await mc.addAccount('second', { weight: 0 });
    const id = await mc.send({ to: users('u1') });
    await mc.work('sms');
    await mc.rows(
      `INSERT INTO account_health (account, state, until) VALUES ('sms:second', 'open', now() + interval '5 minutes')`,
    );
    await mc.refresh();
    await unanswered();
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 20, attempts: 1 }]);
    expect(await mc.waiting(id)).toMatchObject([{ kind: 'deliver', avoid: ['sms:main'] }]);
  });

  const duplicates = async (): Promise<number> => {
    const text = await mc.get(Metrics).exposition();
    return Number(/mc_possible_duplicates_total\{channel="sms"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
});

describe('deliveries that belong to an account', () => {
  it('go through it and no other, each batch split by account', async () => {
    for (const id of ['one', 'two']) await mc.addAccount(id, { weight: 0 });
    const message = await mc.send({ to: users('u1', 'u2', 'u3'), ...sms });
    await mc.rows(
      `UPDATE delivery SET account = CASE seq / 16 WHEN 0 THEN 'one' WHEN 1 THEN 'two' END WHERE message_id = $1`,
      [message],
    );
    await mc.work();
    const accountOf = new Map(mc.provider.sent.map(({ address, account }) => [address, account]));
    expect(accountOf).toEqual(
      new Map([
        ['13800000001', 'sms:one'],
        ['13800000002', 'sms:two'],
        ['13800000003', 'sms:main'],
      ]),
    );
  });

  it('wait for it when it is ill, although another is well', async () => {
    await mc.addAccount('one', { weight: 0 });
    await mc.rows(
      `INSERT INTO account_health (account, state, until) VALUES ('sms:one', 'open', now() + interval '1 minute')`,
    );
    await mc.refresh();
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.rows(`UPDATE delivery SET account = 'one' WHERE message_id = $1`, [id]);
    await mc.work();
    expect(mc.provider.sent).toEqual([]);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 0 }]);
  });

  it('say so where it is gone', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.rows(`UPDATE delivery SET account = 'gone' WHERE message_id = $1`, [id]);
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 11, error_code: 'not_configured' }]);
  });
});
