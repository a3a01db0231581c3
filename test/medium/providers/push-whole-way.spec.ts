import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import webpush from 'web-push';
import { ApnsFake } from '../../support/fakes/apns.js';
import { FcmFake } from '../../support/fakes/fcm.js';
import { JpushFake } from '../../support/fakes/jpush.js';
import { UmengFake } from '../../support/fakes/umeng.js';
import { WebPushService } from '../../support/fakes/web-push-service.js';
import { wholeCenter, type ReportedDelivery, type WholeCenter } from '../../support/whole-center.js';
import { emptying } from '../../support/emptying.js';

let mc: WholeCenter;
beforeAll(async () => {
  mc = await wholeCenter();
});
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await mc.setUp('push');
  for (const one of opened.splice(0)) await one.close();
  await mc.rows(emptying('device'));
  await mc.keepsItsPromises();
});
afterAll(() => mc.close());
const opening = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};

const account = (provider: string, settings: object): object => ({ id: provider, provider, settings });

/** `PUT /v1/devices/{token}` of a person. */
async function device(token: string, platform: string, more: object = {}): Promise<void> {
  const { status, text } = await mc.admin('PUT', `/v1/devices/${token}`, { userId: 'li', platform, ...more });
  if (status >= 300) throw new Error(text);
}
const send = (devices: readonly string[], content: object = { title: '会议', text: '三点' }): Promise<string> =>
  mc.send([], [], '', { to: { devices }, channels: undefined, content });
const stateOf = async (token: string): Promise<unknown> => {
  const { body } = await mc.admin('GET', `/v1/devices/${token}`);
  return [body.active, body.deactivated?.reason];
};
const codesOf = (items: readonly ReportedDelivery[]): unknown[] => items.map(({ error }) => error?.code ?? null);
const hex = (digit: string): string => digit.repeat(64);

describe('a push through FCM', () => {
  it('reaches the device, and a token that FCM calls dead is out of use until it is registered again', async () => {
    const fcm = opening(await FcmFake.open());
    await mc.setUp('push', account('fcm', fcm.account));
    for (const token of ['phone-1', 'gone-1']) await device(token, 'android');
    const items = await mc.untilStatuses(await send(['phone-1', 'gone-1']), 'sent', 'failed');
    expect(codesOf(items)).toEqual([null, 'UNREGISTERED']);
    expect(fcm.inbox).toMatchObject([
      { token: 'phone-1', notification: { title: '会议', body: '三点' }, android: { ttl: expect.any(String) } },
    ]);
    expect([await stateOf('phone-1'), await stateOf('gone-1')]).toEqual([
      [true, undefined],
      [false, 'UNREGISTERED'],
    ]);
    const sends = fcm.requests.length;
    expect(codesOf(await mc.untilStatuses(await send(['gone-1']), 'failed'))).toEqual(['device_inactive']);
    expect(fcm.requests.length).toBe(sends);
    await device('gone-1', 'android');
    expect(await stateOf('gone-1')).toEqual([true, undefined]);
  });

  it('goes to a person by whatever phone takes it', async () => {
    const fcm = opening(await FcmFake.open());
    await mc.setUp('push', account('fcm', fcm.account));
    for (const token of ['gone-2', 'phone-2']) await device(token, 'android');
    await mc.person('li', {});
    await mc.untilStatuses(await mc.send(['li'], ['push'], '您有新消息'), 'sent');
    expect(fcm.inbox.map(({ token }) => token)).toEqual(['phone-2']);
    expect(await stateOf('gone-2')).toEqual([false, 'UNREGISTERED']);
  });

  it('stops the account with an alarm where its key is refused, loses nothing, and shows the key nowhere', async () => {
    const fcm = opening(await FcmFake.open());
    const settings = { ...fcm.account, clientEmail: 'somebody@else.iam.gserviceaccount.com' };
    const put = await mc.setUp('push', account('fcm', settings));
    await device('phone-3', 'android');
    const id = await send(['phone-3']);
    await mc.until(
      'the alarm',
      () => mc.openAlarms(),
      (alarms) => alarms.length > 0,
    );
    expect(await mc.openAlarms()).toEqual([['account_stopped', 'push:fcm', 'invalid_grant']]);
    const test = await mc.admin('POST', '/v1/channels/push/test', { address: 'phone-3' });
    expect(test.body).toMatchObject({ outcome: 'bad_config', provider: 'fcm', code: 'invalid_grant' });
    expect(test.body.hint.en).toContain('client_email');
    for (const { text } of [put, test, await mc.admin('GET', '/v1/channels/push')])
      expect(text).not.toContain('PRIVATE KEY');
    await mc.setUp('push', account('fcm', fcm.account));
    await mc.untilStatuses(id, 'sent');
  });
});

describe('a push through APNs', () => {
  it('reaches the device, and Apple’s word on a dead token counts unless it was registered again since', async () => {
    const apns = opening(await ApnsFake.open());
    await mc.setUp('push', account('apns', apns.account));
    await device(hex('a'), 'ios');
    await device(hex('d'), 'ios');
    // Apple speaks of a time before the device registered.
    const first = await mc.untilStatuses(await send([hex('a'), hex('d')]), 'sent', 'failed');
    expect(codesOf(first)).toEqual([null, 'Unregistered']);
    expect(apns.inbox).toMatchObject([
      { token: hex('a'), payload: { aps: { alert: { title: '会议', body: '三点' } }, kind: 'notification' } },
    ]);
    expect(await stateOf(hex('d'))).toEqual([true, undefined]);
    apns.deadSinceMs = Date.now() + 1000;
    await mc.untilStatuses(await send([hex('d')]), 'failed');
    expect(await stateOf(hex('d'))).toEqual([false, 'Unregistered']);
  });

  it('answers a channel test with a device’s token, in the environment of the device', async () => {
    const [apns, sandbox] = [opening(await ApnsFake.open()), opening(await ApnsFake.open())];
    await mc.setUp('push', account('apns', { ...apns.account, sandboxUrl: sandbox.baseUrl }));
    await device(hex('e'), 'ios', { test: true });
    const good = await mc.admin('POST', '/v1/channels/push/test', { address: hex('e') });
    expect(good.body).toMatchObject({ outcome: 'ok', provider: 'apns' });
    expect([apns.inbox.length, sandbox.inbox.length]).toEqual([0, 1]);
    const bad = await mc.admin('POST', '/v1/channels/push/test', { address: hex('b') });
    expect(bad.body).toMatchObject({ outcome: 'bad_recipient', code: 'BadDeviceToken' });
    expect(bad.body.hint.zh).toContain('test: true');
  });
});

describe('a push through Web Push', () => {
  it('is decrypted by the browser, and a subscription that is over puts the device out of use', async () => {
    const service = opening(await WebPushService.open());
    const keys = webpush.generateVAPIDKeys();
    await mc.setUp('push', account('webpush', { ...keys, subject: 'mailto:admin@example.com' }));
    const [{ clientHash, ...subscription }, over] = await Promise.all([
      service.subscribe(keys.publicKey),
      service.subscribe(keys.publicKey),
    ]);
    await service.expire(over.clientHash);
    await device('browser-1', 'web', { provider: 'webpush', subscription });
    await device('browser-2', 'web', {
      provider: 'webpush',
      subscription: { endpoint: over.endpoint, keys: over.keys },
    });
    const items = await mc.untilStatuses(await send(['browser-1', 'browser-2']), 'sent', 'failed');
    expect(codesOf(items)).toEqual([null, 'http_410']);
    await expect(service.received(clientHash)).resolves.toMatchObject([
      { kind: 'notification', title: '会议', body: '三点', ref: expect.any(String) },
    ]);
    expect([await stateOf('browser-1'), await stateOf('browser-2')]).toEqual([
      [true, undefined],
      [false, 'http_410'],
    ]);
    const test = await mc.admin('POST', '/v1/channels/push/test', { address: 'browser-1' });
    expect(test.body).toMatchObject({ outcome: 'ok', provider: 'webpush' });
  });
});

describe('a push through Umeng', () => {
  it('reaches Android and iOS through the app of each, many devices in one call', async () => {
    const umeng = opening(await UmengFake.open());
    await mc.setUp('push', account('umeng', umeng.account));
    for (const token of ['um-1', 'um-2']) await device(token, 'android', { provider: 'umeng' });
    await device('um-3', 'ios', { provider: 'umeng' });
    await mc.untilStatuses(await send(['um-1', 'um-2', 'um-3']), 'sent', 'sent', 'sent');
    expect(umeng.inbox.map(({ token, isIos }) => [token, isIos]).sort()).toEqual([
      ['um-1', false],
      ['um-2', false],
      ['um-3', true],
    ]);
    expect(umeng.requests).toHaveLength(2);
    const test = await mc.admin('POST', '/v1/channels/push/test', { address: 'um-3' });
    expect(test.body).toMatchObject({ outcome: 'ok', provider: 'umeng' });
  });
});

describe('a push through JPush', () => {
  it('is delivered when JPush reports so, and a registration id of no device is out of use', async () => {
    const jpush = opening(await JpushFake.open());
    await mc.setUp('push', account('jpush', { ...jpush.account, receipts: true }));
    for (const token of ['jp-1', 'jp-2']) await device(token, 'android', { provider: 'jpush' });
    await device('ghost-1', 'android', { provider: 'jpush' });
    const id = await send(['jp-1', 'jp-2']);
    await mc.untilStatuses(id, 'sent', 'sent');
    jpush.statusOf = (token) => (token === 'jp-1' ? 0 : 2);
    await mc.until(
      'JPush is asked and has said it all',
      async () => {
        await mc.passTime();
        return (await mc.report(id)).map(({ status }) => status).join();
      },
      (statuses) => statuses === 'delivered,failed',
    );
    const [gone] = await mc.untilStatuses(await send(['ghost-1']), 'failed');
    expect(gone?.error?.code).toBe('1011');
    expect(await stateOf('ghost-1')).toEqual([false, '1011']);
  });

  it('is not sent twice where its answer was lost', async () => {
    const jpush = opening(await JpushFake.open());
    await mc.setUp('push', account('jpush', jpush.account));
    await device('jp-3', 'android', { provider: 'jpush' });
    jpush.losesAnswer = true;
    const id = await send(['jp-3']);
    await mc.until(
      'the call was made again',
      async () => {
        await mc.passTime();
        return (await mc.report(id)).map(({ status }) => status).join();
      },
      (statuses) => statuses === 'sent',
    );
    expect([jpush.inbox.length, jpush.pushes.length]).toEqual([1, 2]);
  });
});
