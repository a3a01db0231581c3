import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Database,
  FinishWorkRepository,
  ProviderNewsRepository,
  UpkeepRepository,
  UplinkRepository,
  newMessageId,
  type NewUplink,
} from '#entities';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';
import { emptying } from '../support/emptying.js';

interface Item {
  id: number;
  text: string;
  messageId: string | null;
  appId: string | null;
}

let gateway: GatewayApp;
let database: Database;
let shop: { appId: string; token: string };
let bank: { appId: string; token: string };
beforeAll(async () => {
  gateway = await gatewayApp();
  ({ database } = gateway);
  [shop, bank] = [await gateway.clientApp(), await gateway.clientApp()];
});
afterEach(async () => {
  await database.query(emptying('uplink, sent_number, message'));
});
afterAll(() => gateway.close());

const NUMBER = '13800138000';

async function message(appId: string): Promise<string> {
  const id = newMessageId(Date.now());
  await database.query(
    `INSERT INTO message (id, client_app_id, door, kind, priority, audience, plan, accepted_at)
     VALUES ($1, $2, 'native', 'notice', 1, '{}', '{}', now())`,
    [id, appId],
  );
  return id;
}

/** An SMS of the app that went out so many seconds ago. */
async function sent(appId: string, agoS = 0, address = NUMBER): Promise<string> {
  const messageId = await message(appId);
  const sentAt = new Date(Date.now() - agoS * 1000).toISOString();
  await remember({ address, messageId, seq: 16, sentAt });
  return messageId;
}

const remember = (...rows: Parameters<FinishWorkRepository['rememberSentNumbers']>[1][number][]): Promise<void> =>
  database.transaction((tx) => gateway.app.get(FinishWorkRepository).rememberSentNumbers(tx, rows));

const arrive = (...uplinks: NewUplink[]): Promise<void> =>
  gateway.app.get(ProviderNewsRepository).take('sms', 'sms:main', { uplinks });
const answer = (text = 'TD', from = NUMBER): Promise<void> => arrive({ from, text });
const attach = (): Promise<number> => gateway.app.get(UplinkRepository).attach();

async function seen(token: string, query = ''): Promise<Item[]> {
  const page = await gateway.call('GET', `/v1/uplinks${query}`, { token });
  expect(page.status).toBe(200);
  return (page.body as { items: Item[] }).items;
}
const all = (query = ''): Promise<Item[]> => seen(gateway.adminToken, query);

describe('an answer', () => {
  it('belongs to the newest message that went to its number', async () => {
    await sent(bank.appId, 600);
    const newest = await sent(shop.appId, 60);
    await answer();
    expect(await all()).toMatchObject([{ text: 'TD', messageId: newest, appId: shop.appId }]);
    expect(await database.query('SELECT seq FROM uplink')).toEqual([{ seq: 16 }]);
  });

  it('belongs to the newest even where an older send is committed later', async () => {
    const newest = await sent(shop.appId, 60);
    await sent(bank.appId, 600);
    await answer();
    expect(await all()).toMatchObject([{ messageId: newest }]);
  });

  it('of two sends in one batch belongs to the later', async () => {
    const [early, late] = [await message(shop.appId), await message(shop.appId)];
    const at = (agoS: number): string => new Date(Date.now() - agoS * 1000).toISOString();
    await remember(
      { address: NUMBER, messageId: late, seq: 0, sentAt: at(1) },
      { address: NUMBER, messageId: early, seq: 0, sentAt: at(2) },
    );
    await answer();
    expect(await all()).toMatchObject([{ messageId: late }]);
  });

  it('belongs to nothing after 72 hours, from a stranger, or of another channel', async () => {
    await sent(shop.appId, 72 * 3600 + 60);
    await answer();
    await answer('who is this', '13900139000');
    await sent(shop.appId, 1);
    await gateway.app
      .get(ProviderNewsRepository)
      .take('mail', 'mail:main', { uplinks: [{ from: NUMBER, text: 'mail' }] });
    expect(await all()).toMatchObject([{ messageId: null }, { messageId: null, appId: null }, { messageId: null }]);
    expect(await seen(shop.token)).toEqual([]);
  });

  it('that is repeated is kept once, at its account', async () => {
    await arrive({ from: NUMBER, text: 'one', providerId: 'a' }, { from: NUMBER, text: 'again', providerId: 'a' });
    await arrive({ from: NUMBER, text: 'one', providerId: 'a' }, { from: NUMBER, text: 'two', providerId: 'b' });
    await gateway.app
      .get(ProviderNewsRepository)
      .take('sms', 'sms:other', { uplinks: [{ from: NUMBER, text: 'elsewhere', providerId: 'a' }] });
    expect((await all()).map(({ text }) => text)).toEqual(['elsewhere', 'two', 'one']);
  });

  it('that came before the commit of what it answers is attached afterwards', async () => {
    await answer();
    expect(await attach()).toBe(0);
    const id = await sent(shop.appId, 2);
    expect(await attach()).toBe(1);
    expect(await all()).toMatchObject([{ messageId: id, appId: shop.appId }]);
    expect(await attach()).toBe(0);
  });

  it('is not attached to what was sent after it', async () => {
    await answer();
    await database.query(`UPDATE uplink SET received_at = now() - interval '60 seconds'`);
    await sent(shop.appId, 20);
    expect(await attach()).toBe(0);
  });
});

describe('the list of answers', () => {
  it('shows a client app its own, an administrator all', async () => {
    await sent(shop.appId, 1);
    await answer('for the shop');
    await sent(bank.appId, 1, '13900139000');
    await answer('for the bank', '13900139000');
    await answer('for nobody', '13700137000');
    expect((await seen(shop.token)).map(({ text }) => text)).toEqual(['for the shop']);
    expect((await seen(bank.token)).map(({ text }) => text)).toEqual(['for the bank']);
    expect((await all()).map(({ text }) => text)).toEqual(['for nobody', 'for the bank', 'for the shop']);
  });

  it('is filtered by number, however it is written, and by message, and never across apps', async () => {
    const id = await sent(shop.appId, 1);
    await answer('yes');
    await answer('other', '13900139000');
    expect((await all('?address=%2B8613800138000')).map(({ text }) => text)).toEqual(['yes']);
    expect((await all(`?messageId=${id}`)).map(({ text }) => text)).toEqual(['yes']);
    expect(await seen(bank.token, `?messageId=${id}`)).toEqual([]);
  });

  it('is filtered by a user id, which may look like a number, too', async () => {
    await answer('by SMS', '13790000123');
    for (const userId of ['8613790000123', '13790000123'])
      await database.query(
        `INSERT INTO uplink (channel, account, address, text) VALUES ('portal', 'portal:', $1, 'of ' || $1)`,
        [userId],
      );
    const textsOf = async (address: string): Promise<string[]> =>
      (await all(`?address=${address}`)).map(({ text }) => text);
    expect(await textsOf('8613790000123')).toEqual(['of 8613790000123', 'by SMS']);
    expect(await textsOf('13790000123')).toEqual(['of 13790000123', 'by SMS']);
  });

  it('is walked page by page', async () => {
    for (const text of ['1', '2', '3']) await answer(text);
    const first = await gateway.admin('GET', '/v1/uplinks?limit=2');
    expect(first.body.items.map(({ text }: Item) => text)).toEqual(['3', '2']);
    const second = await gateway.admin('GET', `/v1/uplinks?limit=2&cursor=${first.body.nextCursor}`);
    expect([second.body.items.map(({ text }: Item) => text), second.body.nextCursor]).toEqual([['1'], null]);
  });

  it.each(['?cursor=x', '?cursor=WzEuNV0', '?messageId=x', '?limit=0', '?color=red'])('refuses %s', async (query) => {
    expect((await gateway.admin('GET', `/v1/uplinks${query}`)).status).toBe(400);
  });

  it('is for callers with a token', async () => {
    expect((await gateway.call('GET', '/v1/uplinks')).status).toBe(401);
  });
});

describe('upkeep', () => {
  it('forgets numbers after 72 hours and answers with the retention', async () => {
    await sent(shop.appId, 73 * 3600);
    await sent(shop.appId, 3600, '13900139000');
    await answer('old');
    await database.query(`UPDATE uplink SET received_at = now() - interval '31 days'`);
    await answer('new');
    await gateway.app.get(UpkeepRepository).dropStale(100, 30);
    expect(await database.query('SELECT address FROM sent_number')).toEqual([{ address: '13900139000' }]);
    expect((await all()).map(({ text }) => text)).toEqual(['new']);
  });
});
