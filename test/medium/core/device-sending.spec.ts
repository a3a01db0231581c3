import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ReceiptRepository, ReplayRepository, UpkeepRepository } from '#entities';
import type { Outcome } from '#providers';
import { ChannelTestAnswerer } from '../../../apps/channel-worker/src/real-time/channel-test.answerer.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps({ SANDBOX: 'on' });
  await mc.addApp('app');
  await mc.addUser('li', { sms: '13800000001' });
  await mc.addUser('he', { push: 'old-way' });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, device, account_health, alarm',
    ),
  );
  await mc.rows(`UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL`);
  await accounts('scripted');
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const push = only('push');
const li = { users: [{ id: 'li' }] };
const tokens = (...list: string[]): { devices: { tokens: string[] } } => ({ devices: { tokens: list } });

/** The accounts of channel push, in this order, each named like its provider. */
async function accounts(...providers: string[]): Promise<void> {
  await mc.rows(`DELETE FROM provider_account WHERE channel = 'push'`);
  await mc.rows(
    `INSERT INTO provider_account (channel, id, provider, position, weight)
     SELECT 'push', p, p, n, 0 FROM unnest($1::text[]) WITH ORDINALITY AS u(p, n)`,
    [providers],
  );
  await mc.refresh();
}

async function device(token: string, fields: Record<string, unknown> = {}): Promise<void> {
  const all = { token, user_id: 'li', platform: 'android', ...fields };
  const names = Object.keys(all);
  await mc.rows(
    `INSERT INTO device (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(all),
  );
}

/** Answers of devices by their tokens; the others take everything. */
const answers = (byToken: Record<string, Outcome>): void =>
  mc.provider.on('push', ({ address, ref }) => byToken[address] ?? { class: 'ok', providerRef: `${ref}/${address}` });

const called = (): string[] => mc.provider.sent.map(({ address, account }) => `${address} ${account}`).sort();
const stateOf = (token: string): Promise<{ dead: boolean; reason: string | null }> =>
  mc.row('SELECT deactivated_at IS NOT NULL AS dead, deactivated_reason AS reason FROM device WHERE token = $1', [
    token,
  ]);

describe('a device', () => {
  it('is sent to by the first account that takes its platform, or by the provider that it names', async () => {
    await accounts('mqtt', 'fcm', 'apns', 'webpush');
    await device('phone');
    await device('iphone', { platform: 'ios' });
    await device('browser', {
      platform: 'web',
      subscription: { endpoint: 'https://push.test/1', keys: { p256dh: 'p', auth: 'a' } },
      is_test: true,
    });
    await device('named', { provider: 'fcm', platform: 'ios' });
    const id = await mc.send({ to: tokens('phone', 'iphone', 'browser', 'named'), ...push });
    await mc.work('push');
    expect(called()).toEqual(['browser push:webpush', 'iphone push:fcm', 'named push:fcm', 'phone push:mqtt']);
    expect((await mc.deliveries(id)).map((row) => row.status)).toEqual([20, 20, 20, 20]);
    expect(mc.provider.sent.find(({ address }) => address === 'browser')).toMatchObject({
      device: { platform: 'web', isTest: true, subscription: { endpoint: 'https://push.test/1' } },
    });
  });

  it('that names a provider without an account waits for the administrator', async () => {
    await accounts('mqtt');
    await device('iphone', { platform: 'ios', provider: 'apns' });
    const id = await mc.send({ to: tokens('iphone'), ...push });
    await mc.work('push');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 11, error_code: 'not_configured' }]);
    await accounts('mqtt', 'apns');
    await mc.makeDue(id);
    await mc.work('push');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }]);
  });

  it('that no account takes is served by the sandbox where it is on, one of a real provider is not', async () => {
    await accounts('mqtt');
    await device('browser', { platform: 'web' });
    await device('toy', { provider: 'sandbox' });
    await device('iphone', { provider: 'apns', platform: 'ios' });
    const id = await mc.send({ to: tokens('browser', 'toy', 'iphone'), ...push });
    await mc.work('push');
    expect((await mc.deliveries(id)).map((row) => row.error_code)).toEqual([
      'unknown_provider', // the sandbox, which this registry does not have
      'unknown_provider',
      'not_configured',
    ]);
    expect(mc.provider.sent).toEqual([]);
  });

  it('is named by its token in the status callback', async () => {
    await device('a');
    answers({});
    const id = await mc.send({
      to: { ...li, devices: { tokens: ['a', 'none'] } },
      ...push,
      statusCallback: 'http://127.0.0.1:9/hook',
    });
    await mc.work('push');
    await mc.fold();
    const callbacks = await mc.rows<{ items: { uid: string; status: string }[] }>(
      'SELECT items FROM callback WHERE message_id = $1',
      [id],
    );
    await mc.rows(emptying('callback'));
    const told = callbacks.flatMap(({ items }) => items.map(({ uid, status }) => `${uid} ${status}`));
    expect(told.sort()).toEqual(['a sent', 'li sent', 'none failed']);
  });

  it('that went out of use or was removed after the fan-out is not sent to', async () => {
    await device('a');
    await device('b');
    const id = await mc.send({ to: tokens('a', 'b'), ...push });
    await mc.rows(`UPDATE device SET deactivated_at = now() WHERE token = 'a'`);
    await mc.rows(`DELETE FROM device WHERE token = 'b'`);
    await mc.work('push');
    expect(await mc.deliveries(id)).toMatchObject([
      { status: 31, error_code: 'device_inactive', attempts: 0 },
      { status: 31, error_code: 'unknown_device', attempts: 0 },
    ]);
    expect(mc.provider.sent).toEqual([]);
  });

  it('that nobody registered is sent to where somebody gave its token as an address', async () => {
    const id = await mc.send({
      to: { users: [{ id: 'he' }], addresses: [{ channel: 'push', address: 'given' }] },
      ...push,
    });
    await mc.work('push');
    expect((await mc.deliveries(id)).map((row) => [row.address, row.status])).toEqual([
      ['old-way', 20],
      ['given', 20],
    ]);
    expect(mc.provider.sent.every((sent) => sent.device === undefined)).toBe(true);
  });

  it('can be tested, through the provider that it names', async () => {
    await accounts('mqtt', 'fcm');
    await device('named', { provider: 'fcm' });
    await expect(mc.get(ChannelTestAnswerer).test({ channel: 'push', address: 'named' })).resolves.toMatchObject({
      provider: 'fcm',
      outcome: 'ok',
    });
  });
});

describe('a token that the provider calls dead', () => {
  const DEAD: Outcome = { class: 'bad_recipient', code: 'UNREGISTERED' };

  it('takes the device out of use, with the reason', async () => {
    await device('a');
    answers({ a: DEAD });
    const id = await mc.send({ to: tokens('a'), ...push });
    await mc.work('push');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 31, error_code: 'UNREGISTERED' }]);
    expect(await stateOf('a')).toEqual({ dead: true, reason: 'UNREGISTERED' });
    expect(await mc.deliveries(await mc.send({ to: li, ...push }))).toMatchObject([{ error_code: 'no_address' }]);
  });

  it('leaves a device in use that was registered after the time the provider names', async () => {
    await device('again', { registered_at: new Date('2026-06-02T00:00:00Z') });
    await device('gone', { registered_at: new Date('2026-05-31T00:00:00Z') });
    const since: Outcome = { ...DEAD, deadSince: new Date('2026-06-01T00:00:00Z') };
    answers({ again: since, gone: since });
    const id = await mc.send({ to: tokens('again', 'gone'), ...push });
    await mc.work('push');
    expect((await mc.deliveries(id)).map((row) => row.status)).toEqual([31, 31]);
    expect(await stateOf('again')).toEqual({ dead: false, reason: null });
    expect(await stateOf('gone')).toMatchObject({ dead: true });
  });

  it('may be called so later, by a receipt', async () => {
    await device('a', { registered_at: new Date(Date.now() - 60_000) });
    answers({});
    const id = await mc.send({ to: tokens('a'), ...push });
    await mc.work('push');
    await mc.rows(
      `INSERT INTO receipt (account, provider_id, status, code, is_address_dead) VALUES ('push:scripted', $1, 31, 'gone', true)`,
      [`${mc.provider.sent[0]?.ref}/a`],
    );
    await mc.get(ReceiptRepository).matchDue(10);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 31, error_code: 'gone' }]);
    expect(await stateOf('a')).toEqual({ dead: true, reason: 'gone' });
  });

  it('suspends an address of that token, too', async () => {
    answers({ 'old-way': DEAD });
    await mc.send({ to: { users: [{ id: 'he' }] }, ...push });
    await mc.work('push');
    expect(await mc.row(`SELECT suspended_reason AS reason FROM recipient_address WHERE address = 'old-way'`)).toEqual({
      reason: 'UNREGISTERED',
    });
  });
});

describe('a person with several devices', () => {
  it('is reached when one of them takes it; the dead ones go out of use', async () => {
    await device('a');
    await device('b');
    await device('c');
    answers({ a: { class: 'bad_recipient', code: 'gone' }, b: { class: 'retry' } });
    const id = await mc.send({ to: li, ...push });
    await mc.work('push');
    expect(called()).toEqual(['a push:scripted', 'b push:scripted', 'c push:scripted']);
    expect(await mc.deliveries(id)).toMatchObject([{ recipient: 'li', status: 20, attempts: 1 }]);
    expect(await mc.rows('SELECT provider_id FROM provider_ref WHERE message_id = $1', [id])).toEqual([
      { provider_id: expect.stringMatching(/\/c$/) },
    ]);
    expect(await stateOf('a')).toEqual({ dead: true, reason: 'gone' });
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 1 });
  });

  it('is tried again on those that are left', async () => {
    await device('a');
    await device('b');
    answers({ a: { class: 'bad_recipient' }, b: { class: 'retry', code: 'busy' } });
    const id = await mc.send({ to: li, ...push });
    await mc.work('push');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 11, error_code: 'busy' }]);
    answers({});
    await mc.makeDue(id);
    await mc.work('push');
    expect(called()).toEqual(['a push:scripted', 'b push:scripted', 'b push:scripted']);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, attempts: 2 }]);
  });

  it('comes to the next channel when none of them takes it', async () => {
    await mc.rows(`INSERT INTO channel_config (channel, priority) VALUES ('push', 1)`);
    await mc.refresh();
    await device('a');
    await device('b');
    answers({ a: { class: 'bad_recipient' }, b: { class: 'bad_content' } });
    const id = await mc.send({ to: li });
    await mc.work('push');
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
    expect((await mc.deliveries(id)).map((row) => [row.channel, row.status])).toEqual([
      ['push', 31],
      ['sms', 0],
    ]);
  });
});

describe('a dead letter', () => {
  const replay = (): Promise<unknown> =>
    mc.get(ReplayRepository).replay({ filter: {}, perSecond: 1000, actor: 'admin', ip: null, idempotency: null });

  it('to a device goes to that device again, one to a person to the devices he has by now', async () => {
    await device('a');
    answers({ a: { class: 'bad_content', code: 'no' } });
    const id = await mc.send({ to: { ...li, devices: { tokens: ['a'] } }, ...push });
    await mc.work('push');
    await mc.fold();
    answers({});
    await device('b', { registered_at: new Date(Date.now() + 60_000) });
    await expect(replay()).resolves.toMatchObject({ matched: 2, replayed: 2, refused: {} });
    expect((await mc.deliveries(id)).map((row) => [row.seq, row.address, row.status])).toEqual([
      [0, 'a', 31],
      [1, 'b,a', 0],
      [16 + 8, 'a', 31],
      [16 + 9, 'a', 0],
    ]);
    await mc.makeDue(id);
    await mc.work('push');
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 2, failed: 2 });
    // Outside of any and smart the invariants take a replay for a chain of its own.
    await mc.rows(emptying('message, message_state, delivery, delivery_attempt'));
  });
});

describe('upkeep', () => {
  it('forgets devices that have been out of use for the whole retention', async () => {
    const day = 24 * 3_600_000;
    await device('used');
    await device('long-gone', { deactivated_at: new Date(Date.now() - 401 * day) });
    await device('gone', { deactivated_at: new Date(Date.now() - 399 * day) });
    await mc.get(UpkeepRepository).dropStale(100, 400);
    expect(await mc.rows('SELECT token FROM device ORDER BY token')).toEqual([{ token: 'gone' }, { token: 'used' }]);
  });
});
