import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, ProviderNewsRepository, ReceiptRepository, UpkeepRepository, type NewReceipt } from '#entities';
import { ProviderInboxService } from '../../../apps/channel-worker/src/news/provider-inbox.service.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addUser('u1', { sms: '13800000001', mail: 'u1@example.com' });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt',
    ),
  );
  await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const to = { users: [{ id: 'u1' }] };
const sms = only('sms');
const ref = (): string => mc.provider.sent.at(-1)?.ref ?? '';
const take = (...receipts: NewReceipt[]): Promise<void> =>
  mc.get(ProviderNewsRepository).take('sms', 'sms:main', { receipts });
const match = async (): Promise<number> => (await mc.get(ReceiptRepository).matchDue(1000)).matched;
const waiting = (): Promise<{ provider_id: string; in_s: number }[]> =>
  mc.rows(`SELECT provider_id, extract(epoch FROM due_at - now())::float8 AS in_s FROM receipt ORDER BY id`);
const statusOf = async (id: string): Promise<number | undefined> => (await mc.deliveries(id))[0]?.status;

describe('a receipt (F35)', () => {
  it('that never comes leaves the delivery sent, and its message completed', async () => {
    const id = await mc.send({ to, ...sms });
    await mc.work();
    expect(await match()).toBe(0);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 1, delivered: 0 });
  });

  it('that comes twice counts once', async () => {
    const id = await mc.send({ to, ...sms });
    await mc.work();
    await take({ providerRef: ref(), status: 'delivered' }, { providerRef: ref(), status: 'delivered' });
    expect(await match()).toBe(2);
    await take({ providerRef: ref(), status: 'delivered' });
    expect(await match()).toBe(1);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ delivered: 1, sent: 0 });
    expect(await waiting()).toEqual([]);
  });

  it('under an id that the provider counts anew means what it took last', async () => {
    mc.provider.on('sms', { class: 'ok', providerRef: '7' });
    const before = await mc.send({ to, ...sms });
    await mc.work();
    const after = await mc.send({ to, ...sms });
    await mc.work();
    mc.provider.reset();
    await take({ providerRef: '7', status: 'delivered' });
    expect(await match()).toBe(1);
    expect([await statusOf(before), await statusOf(after)]).toEqual([20, 40]);
  });

  it('that says less than is known changes nothing', async () => {
    const id = await mc.send({ to, ...sms });
    await mc.work();
    await take({ providerRef: ref(), status: 'read' });
    await match();
    for (const status of ['delivered', 'failed', 'sent'] as const) await take({ providerRef: ref(), status });
    expect(await match()).toBe(3);
    expect(await statusOf(id)).toBe(50);
  });

  it('of an unknown id is kept, looked at ever more rarely, and dropped after a week', async () => {
    await take({ providerRef: 'nobody’s', status: 'delivered' });
    const waits: number[] = [];
    for (const ageS of [0, 60, 3600]) {
      await mc.rows(`UPDATE receipt SET due_at = now(), received_at = now() - make_interval(secs => $1)`, [ageS]);
      expect(await match()).toBe(0);
      waits.push((await waiting())[0]?.in_s ?? 0);
    }
    const [first = 0, afterAMinute = 0, afterAnHour = 0] = waits;
    expect([first > 0, first <= 2]).toEqual([true, true]);
    expect([afterAMinute > 50, afterAMinute < 600]).toEqual([true, true]);
    expect(afterAnHour).toBeGreaterThan(3500);
    await mc.rows(`UPDATE receipt SET received_at = now() - interval '6 days'`);
    await mc.get(UpkeepRepository).dropStale(100, 400);
    expect(await waiting()).toHaveLength(1);
    await mc.rows(`UPDATE receipt SET received_at = now() - interval '8 days'`);
    await mc.get(UpkeepRepository).dropStale(100, 400);
    expect(await waiting()).toEqual([]);
  });

  it('that comes before the commit of its send is matched soon after', async () => {
    mc.provider.on('sms', async ({ ref: own }) => {
      await take({ providerRef: own, status: 'delivered' });
      expect(await match()).toBe(0);
      return { class: 'ok', providerRef: own };
    });
    const id = await mc.send({ to, ...sms });
    await mc.work();
    expect(await statusOf(id)).toBe(20);
    expect((await waiting())[0]?.in_s).toBeLessThanOrEqual(2);
    await mc.rows('UPDATE receipt SET due_at = now()');
    expect(await match()).toBe(1);
    expect(await statusOf(id)).toBe(40);
  });

  it('of another account with the same id is not this one’s', async () => {
    const id = await mc.send({ to, ...sms });
    await mc.work();
    await mc
      .get(ProviderNewsRepository)
      .take('sms', 'sms:other', { receipts: [{ providerRef: ref(), status: 'failed' }] });
    expect(await match()).toBe(0);
    expect(await statusOf(id)).toBe(20);
  });

  it('keeps the provider’s time where it can be meant, and never a time to come', async () => {
    const id = await mc.send({ to, ...sms });
    await mc.work();
    const at = new Date(Date.now() - 60_000);
    await take({ providerRef: ref(), status: 'delivered', at });
    await match();
    expect(await mc.row('SELECT delivered_at FROM delivery WHERE message_id = $1', [id])).toEqual({ delivered_at: at });
    await take({ providerRef: 'x', status: 'delivered', at: new Date(Date.now() + 3600_000) });
    await take({ providerRef: 'y', status: 'delivered', at: new Date(Number.NaN) });
    expect(await mc.rows('SELECT at <= now() AS is_past FROM receipt')).toEqual([{ is_past: true }, { is_past: true }]);
  });
});

describe('an address that its provider calls dead', () => {
  const addresses = (): Promise<{ channel: string; suspended_reason: string | null }[]> =>
    mc.rows(`SELECT channel, suspended_reason FROM recipient_address WHERE user_id = 'u1' ORDER BY channel`);

  it('is suspended with the reason, and the next message goes another way', async () => {
    const id = await mc.send({ to, ...sms });
    await mc.work();
    await take({ providerRef: ref(), status: 'failed', code: 'MOBILE_NOT_ON_SERVICE', isAddressDead: true });
    await match();
    expect(await statusOf(id)).toBe(31);
    expect(await addresses()).toEqual([
      { channel: 'mail', suspended_reason: null },
      { channel: 'sms', suspended_reason: 'MOBILE_NOT_ON_SERVICE' },
    ]);
    const next = await mc.send({ to, channels: { mode: 'all' } });
    expect((await mc.deliveries(next)).map(({ channel }) => channel)).toEqual(expect.not.arrayContaining(['sms']));
  });

  it('is not where the failure says nothing about the address', async () => {
    await mc.send({ to, ...sms });
    await mc.work();
    await take({ providerRef: ref(), status: 'failed', code: 'CONTENT' });
    await match();
    expect((await addresses()).map(({ suspended_reason }) => suspended_reason)).toEqual([null, null]);
  });

  it('is not where it was registered again since the message went out', async () => {
    await mc.send({ to, ...sms });
    await mc.work();
    await mc.rows(`UPDATE recipient_address SET updated_at = now() + interval '1 second' WHERE user_id = 'u1'`);
    await take({ providerRef: ref(), status: 'failed', code: 'DEAD', isAddressDead: true });
    await match();
    await mc.rows('UPDATE recipient_address SET updated_at = now()');
    expect((await addresses()).map(({ suspended_reason }) => suspended_reason)).toEqual([null, null]);
  });
});

describe('what arrives on a connection that an adapter keeps open', () => {
  it('is stored like what comes to the receipt address, numbers in the form in which they are kept', async () => {
    const id = await mc.send({ to, ...sms });
    await mc.work();
    await mc.get(ProviderInboxService).take('sms:main', {
      receipts: [{ providerRef: ref(), status: 'delivered' }],
      uplinks: [{ from: '8613800138000', text: 'TD' }],
    });
    await match();
    expect(await statusOf(id)).toBe(40);
    expect(await mc.rows('SELECT account, address, text FROM uplink')).toEqual([
      { account: 'sms:main', address: '13800138000', text: 'TD' },
    ]);
    await mc.rows(emptying('uplink'));
  });

  it('is not taken where it could not be stored: the provider must not hear that it was', async () => {
    const inbox = mc.get(ProviderInboxService);
    await mc.rows('ALTER TABLE receipt RENAME TO receipt_gone');
    const taking = inbox.take('sms:main', { receipts: [{ providerRef: 'x', status: 'delivered' }] });
    await expect(taking).rejects.toThrow('receipt');
    await mc.rows('ALTER TABLE receipt_gone RENAME TO receipt');
    await expect(inbox.take('nobody', {})).rejects.toMatchObject({ kind: 'bug' });
  });
});

describe('who follows and who leaves', () => {
  const openid = 'oPENid1';
  const events = (account: string, ...list: ('joined' | 'left')[]): Promise<void> =>
    mc
      .get(ProviderNewsRepository)
      .take('wechat', `wechat:${account}`, { addressEvents: list.map((event) => ({ address: openid, event })) });
  const suspended = (): Promise<{ account: string; suspended_reason: string | null }[]> =>
    mc.rows(`SELECT account, suspended_reason FROM recipient_address WHERE channel = 'wechat' ORDER BY account`);

  it('is suspended at that account alone, and back with the next sign of him', async () => {
    await mc
      .get(Database)
      .query(
        `INSERT INTO recipient_address (user_id, channel, account, address) VALUES ('u1', 'wechat', 'gh_1', $1), ('u1', 'wechat', 'gh_2', $1)`,
        [openid],
      );
    await events('gh_1', 'left');
    expect(await suspended()).toEqual([
      { account: 'gh_1', suspended_reason: 'left' },
      { account: 'gh_2', suspended_reason: null },
    ]);
    await events('gh_2', 'joined');
    await events('gh_1', 'joined', 'left');
    expect((await suspended())[0]).toEqual({ account: 'gh_1', suspended_reason: 'left' });
    await events('gh_1', 'left', 'joined');
    expect((await suspended())[0]).toEqual({ account: 'gh_1', suspended_reason: null });
    await mc.rows(`DELETE FROM recipient_address WHERE channel = 'wechat'`);
  });
});
