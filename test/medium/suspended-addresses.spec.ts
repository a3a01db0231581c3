import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AddressHygieneRepository, Database, RecipientRepository, type DeadAddress } from '#entities';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';

let gateway: GatewayApp;
let database: Database;
beforeAll(async () => {
  gateway = await gatewayApp();
  ({ database } = gateway);
});
afterAll(() => gateway.close());

const BODY = { name: 'U', addresses: { sms: '13800138000', mail: 'u@example.com' } };
const put = (userId: string, body: object = BODY): Promise<{ body: { suspendedAddresses: unknown[] } }> =>
  gateway.admin('PUT', `/v1/users/${userId}`, body);
const shown = async (userId: string): Promise<unknown[]> =>
  ((await gateway.admin('GET', `/v1/users/${userId}`)).body as { suspendedAddresses: unknown[] }).suspendedAddresses;
const suspend = (dead: Partial<DeadAddress> = {}): Promise<void> =>
  database.transaction((tx) =>
    gateway.app
      .get(AddressHygieneRepository)
      .suspend(tx, [{ channel: 'mail', account: '', address: 'u@example.com', reason: '5.1.1', ...dead }]),
  );

describe('a suspended address', () => {
  it('is shown on everybody who has it, with the date and the reason', async () => {
    await put('a');
    await put('b');
    await suspend();
    for (const user of ['a', 'b']) {
      expect(await shown(user)).toEqual([
        {
          channel: 'mail',
          address: 'u@example.com',
          suspended: { since: expect.stringMatching(/^20.*Z$/), reason: '5.1.1' },
        },
      ]);
    }
    await suspend({ reason: 'another' });
    expect(await shown('a')).toMatchObject([{ suspended: { reason: '5.1.1' } }]);
    expect((await gateway.admin('GET', '/v1/users')).body.items[0].suspendedAddresses).toHaveLength(1);
  });

  it('is used again once an administrator registers it again', async () => {
    await put('c');
    await suspend();
    expect(await shown('c')).toHaveLength(1);
    expect((await put('c')).body.suspendedAddresses).toEqual([]);
    expect(await shown('a')).toHaveLength(1);
  });

  it('of one client app is used again once the app registers it again', async () => {
    const { appId } = await gateway.clientApp();
    const register = (): Promise<void> =>
      database.transaction((tx) =>
        gateway.app
          .get(RecipientRepository)
          .setAddress(tx, { userId: 'a', channel: 'sms', appId, account: '', address: '13900139000' }),
      );
    await register();
    await suspend({ channel: 'sms', address: '13900139000', reason: 'MOBILE_NOT_ON_SERVICE' });
    expect(await shown('a')).toMatchObject([{ channel: 'mail' }, { channel: 'sms', appId, address: '13900139000' }]);
    await register();
    expect(await shown('a')).toMatchObject([{ channel: 'mail' }]);
  });

  it('is none that was registered after what the verdict is about', async () => {
    const before = new Date(Date.now() - 60_000).toISOString();
    await put('d', { name: 'D', addresses: { mail: 'd@example.com' } });
    await suspend({ address: 'd@example.com', asOf: before });
    expect(await shown('d')).toEqual([]);
    await suspend({ address: 'd@example.com', asOf: new Date(Date.now() + 60_000).toISOString() });
    expect(await shown('d')).toHaveLength(1);
  });

  it('of WeChat is one account’s', async () => {
    await put('w', { name: 'W', addresses: { wechat: { 'gh-1': 'oPENid', 'gh-2': 'oPENid' } } });
    await suspend({ channel: 'wechat', account: 'gh-2', address: 'oPENid', reason: 'left' });
    expect(await shown('w')).toMatchObject([{ channel: 'wechat', account: 'gh-2', suspended: { reason: 'left' } }]);
  });

  it('by many at once in any order deadlocks with nobody', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `many${i}`);
    for (const id of ids) await put(id, { name: id, addresses: { mail: `${id}@example.com` } });
    const dead = ids.map((id): DeadAddress => {
      return { channel: 'mail', account: '', address: `${id}@example.com`, reason: 'x' };
    });
    const hygiene = gateway.app.get(AddressHygieneRepository);
    await Promise.all(
      [dead, [...dead].reverse(), dead].flatMap((list) => [
        database.transaction((tx) => hygiene.suspend(tx, list)),
        database.transaction((tx) => hygiene.revive(tx, list)),
      ]),
    );
    await database.transaction((tx) => hygiene.suspend(tx, dead));
    for (const id of ids) expect(await shown(id)).toHaveLength(1);
    await database.transaction((tx) => hygiene.revive(tx, dead));
    for (const id of ids) expect(await shown(id)).toEqual([]);
  });
});
