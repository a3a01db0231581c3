import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogWatch, FollowerRepository } from '#entities';
import { SyncFollowersJob } from '../../../apps/gateway/src/public-accounts/sync-followers.job.js';
import { FakeWechat } from '../../support/fakes/wechat.js';
import type { Answer } from '../../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../../support/whole-center.js';

const URL = '/v1/public-accounts';

let mc: WholeCenter;
let wechat: FakeWechat;
beforeAll(async () => {
  mc = await wholeCenter();
});
beforeEach(async () => {
  wechat = await FakeWechat.open();
  await account('gh-1');
});
afterEach(async () => {
  for (const { publicId } of (await mc.admin('GET', URL)).body.items) await mc.admin('DELETE', `${URL}/${publicId}`);
  await mc.rows('DELETE FROM recipient_address');
  await wechat.close();
  await mc.keepsItsPromises();
});
afterAll(() => mc.close());

async function account(publicId: string, more: object = {}): Promise<void> {
  const { appId, appSecret } = wechat.tokens;
  const answer = await mc.admin('PUT', `${URL}/${publicId}`, {
    name: publicId,
    appId,
    appSecret,
    defaultTemplate: { templateId: 'tpl-notice', map: { title: 'thing1', text: 'thing2' } },
    settings: { baseUrl: wechat.baseUrl, timeoutMs: 1000 },
    ...more,
  });
  if (answer.status !== 200) throw new Error(answer.text);
  await mc.app.get(CatalogWatch, { strict: false }).look();
}

async function register(uid: string, address: string, publicId = 'gh-1'): Promise<void> {
  const body = { uid, channel: 'wechat', address, public_id: publicId };
  const answer = await mc.call('POST', `/msg/register?access_token=${mc.appToken}`, { body });
  if (answer.body.code !== 0) throw new Error(answer.text);
}

const sync = (publicId = 'gh-1'): Promise<Answer> => mc.admin('POST', `${URL}/${publicId}/sync-followers`);
const lookAsDaily = (): Promise<boolean> => mc.app.get(SyncFollowersJob, { strict: false }).syncDue();
const lists = (): number =>
  wechat.callsOf('/cgi-bin/user/get').filter(({ query }) => query.get('next_openid') === '').length;
const calls = (): number => wechat.callsOf('/cgi-bin/message/template/send').length;
const dayLater = (): Promise<unknown> =>
  mc.rows(`UPDATE public_account SET followers_due_at = followers_due_at - interval '24 hours'`);
/** As if all of it had been registered, and suspended, before the lists that follow. */
const longAgo = (): Promise<unknown> =>
  mc.rows(
    `UPDATE recipient_address SET updated_at = updated_at - interval '1 hour', suspended_at = suspended_at - interval '1 hour'`,
  );
const addressOf = async (userId: string, publicId = 'gh-1'): Promise<unknown[]> => {
  const [row] = await mc.rows<{ address: string; reason: string | null }>(
    `SELECT address, suspended_reason AS reason FROM recipient_address WHERE user_id = $1 AND account = $2`,
    [userId, publicId],
  );
  return [row?.address, row?.reason];
};
const send = (uid: string): Promise<string> =>
  mc.send([uid], ['wechat'], '周五下午放假', { content: { title: '放假', text: '周五下午放假' } });
const isSent = async (uid: string): Promise<void> => {
  await mc.untilStatuses(await send(uid), 'sent');
};
const hasNoAddress = async (uid: string): Promise<void> => {
  const before = calls();
  const failed = await mc.untilStatuses(await send(uid), 'failed');
  expect(failed).toMatchObject([{ error: { code: 'no_address' }, attempts: [] }]);
  expect(calls()).toBe(before);
};

describe('a unionid', () => {
  it('of a listed follower is the openid from its registration on, by either door', async () => {
    wechat.followers.set('oOpen_li', 'oUnion_li').set('oOpen_wu', 'oUnion_wu').set('oOpen_no', null);
    expect((await sync()).body).toEqual({ followers: 2, resolved: 0 });
    await register('li', 'oUnion_li');
    await register('li', 'oUnion_li');
    await mc.person('wu', { wechat: { 'gh-1': 'oUnion_wu' } });
    expect([await addressOf('li'), await addressOf('wu')]).toEqual([
      ['oOpen_li', null],
      ['oOpen_wu', null],
    ]);
    await isSent('li');
    expect(wechat.shown).toMatchObject([{ openid: 'oOpen_li' }]);
    expect(lists()).toBe(1);
  });

  it('of somebody who follows another account only is no address, until he follows', async () => {
    wechat.followers.set('oOpen_li', 'oUnion_li');
    await register('early', 'oUnion_li');
    await account('gh-2');
    await sync('gh-2');
    expect(await addressOf('early')).toEqual(['oUnion_li', 'unionid_unresolved']);
    await register('li', 'oUnion_li');
    await hasNoAddress('li');
    expect((await sync()).body).toEqual({ followers: 1, resolved: 2 });
    expect([await addressOf('li'), await addressOf('early')]).toEqual([
      ['oOpen_li', null],
      ['oOpen_li', null],
    ]);
    await isSent('li');
  });

  it('that a message falls back from costs no call', async () => {
    wechat.followers.set('oOpen_li', 'oUnion_li');
    await account('gh-2');
    await sync('gh-2');
    await register('li', 'oUnion_li');
    const id = await mc.send(['li'], ['wechat'], '放假', { channels: { mode: 'any' } });
    expect(await mc.untilStatuses(id, 'delivered')).toMatchObject([{ channel: 'portal' }]);
    expect(calls()).toBe(0);
  });

  it('registered while the list is made is resolved at its end', async () => {
    const followers = mc.app.get(FollowerRepository, { strict: false });
    const list = await followers.begin('gh-1');
    if (!list) throw new Error('no account');
    await followers.learn(list, [{ openid: 'oOpen_li', unionid: 'oUnion_li' }]);
    await mc.person('li', {});
    // What a transaction wrote that saw nothing of the list yet.
    await mc.rows(
      `INSERT INTO recipient_address (user_id, channel, account, address) VALUES ('li', 'wechat', 'gh-1', 'oUnion_li')`,
    );
    expect(await followers.finish(list)).toBe(1);
    expect(await addressOf('li')).toEqual(['oOpen_li', null]);
  });

  it('is all that is left of a person where the account is another one at WeChat', async () => {
    wechat.followers.set('oOpen_li', 'oUnion_li').set('oOpen_wu', null);
    await sync();
    await register('li', 'oUnion_li');
    await register('wu', 'oOpen_wu');
    await account('gh-1', { remark: 'the same' });
    expect(await addressOf('li')).toEqual(['oOpen_li', null]);
    await account('gh-1', { appId: 'wx-another' });
    expect([await addressOf('li'), await addressOf('wu')]).toEqual([
      ['oUnion_li', 'unionid_unresolved'],
      ['oOpen_wu', null],
    ]);
    expect(await mc.rows('SELECT openid FROM public_account_follower')).toEqual([]);
  });
});

describe('what nobody knows to be an openid or a unionid', () => {
  it('costs one failed call, and none when it is registered again', async () => {
    wechat.followers.set('oOpen_li', 'oUnion_li');
    await sync();
    await register('wu', 'unknown_unionid');
    const failed = await mc.untilStatuses(await send('wu'), 'failed');
    expect(failed).toMatchObject([{ error: { code: '40003' } }]);
    for (const uid of ['wu', 'namesake']) {
      await register(uid, 'unknown_unionid');
      expect(await addressOf(uid)).toEqual(['unknown_unionid', '40003']);
      await hasNoAddress(uid);
    }
    await register('wu', 'oOpen_wu');
    await isSent('wu');
  });

  it('is tried again where nobody has listed the followers yet, and the account was perhaps mended', async () => {
    await register('wu', 'unknown_unionid');
    await mc.untilStatuses(await send('wu'), 'failed');
    await register('wu', 'unknown_unionid');
    expect(await addressOf('wu')).toEqual(['unknown_unionid', null]);
  });

  it('is no address once a whole list lacks it, and one again with the list that has it', async () => {
    await register('wu', 'oOpen_wu');
    await register('li', 'oOpen_li');
    await longAgo();
    await register('new', 'oOpen_new');
    wechat.followers.set('oOpen_li', null);
    expect((await sync()).body).toEqual({ followers: 0, resolved: 0 });
    expect([await addressOf('wu'), await addressOf('li'), await addressOf('new')]).toEqual([
      ['oOpen_wu', 'not_following'],
      ['oOpen_li', null],
      ['oOpen_new', null],
    ]);
    await hasNoAddress('wu');
    await longAgo();
    wechat.followers.set('oOpen_wu', null);
    await sync();
    expect(await addressOf('wu')).toEqual(['oOpen_wu', null]);
    await isSent('wu');
  });

  it('stays an address where WeChat listed a part of the followers only', async () => {
    await register('wu', 'oOpen_wu');
    await longAgo();
    for (let i = 0; i < 101; i++) wechat.followers.set(`oOpen_${i}`, `oUnion_${i}`);
    const followers = mc.app.get(FollowerRepository, { strict: false });
    const learn = followers.learn.bind(followers);
    let parts = 0;
    followers.learn = (...part) => {
      if (++parts === 1) wechat.tokens.isAddressAllowed = false;
      wechat.tokens.breakStable();
      return learn(...part);
    };
    try {
      expect((await sync()).status).toBe(409);
    } finally {
      followers.learn = learn;
      wechat.tokens.isAddressAllowed = true;
    }
    expect(await addressOf('wu')).toEqual(['oOpen_wu', null]);
    await register('li', 'oUnion_7');
    expect(await addressOf('li')).toEqual(['oOpen_7', null]);
  });
});

describe('the daily look', () => {
  it('lists an account once to know whether anybody is registered by a unionid, and no more where nobody is', async () => {
    expect(await lookAsDaily()).toBe(false);
    await register('li', 'oOpen_li');
    wechat.followers.set('oOpen_li', 'oUnion_li');
    expect(await lookAsDaily()).toBe(true);
    await dayLater();
    expect(await lookAsDaily()).toBe(false);
    expect(lists()).toBe(1);
  });

  it('resolves who is registered at a new account before anything is sent to him', async () => {
    await register('li', 'oUnion_li');
    wechat.followers.set('oOpen_li', 'oUnion_li');
    await lookAsDaily();
    await isSent('li');
    expect(calls()).toBe(1);
  });

  it('finds the openid of who was refused, once a day and in one replica, and tells the audit log', async () => {
    await register('li', 'u_Union_li');
    await mc.untilStatuses(await send('li'), 'failed');
    await longAgo();
    wechat.followers.set('oOpen_li', 'u_Union_li');
    const followers = mc.app.get(FollowerRepository, { strict: false });
    const claimed = await Promise.all([followers.claimDue(), followers.claimDue(), followers.claimDue()]);
    expect(claimed.filter(Boolean)).toMatchObject([{ publicId: 'gh-1' }]);
    expect(await lookAsDaily()).toBe(false);
    await dayLater();
    expect(await lookAsDaily()).toBe(true);
    expect(await lookAsDaily()).toBe(false);
    expect(await addressOf('li')).toEqual(['oOpen_li', null]);
    await isSent('li');
    const { items } = (await mc.admin('GET', '/v1/audit-log?action=public-account.sync-followers')).body;
    expect(items[0]).toMatchObject({ actor: 'center', target: 'gh-1', details: { followers: 1, resolved: 1 } });
    await dayLater();
    expect(await lookAsDaily()).toBe(true); // the list is a day old, and he was registered by his unionid
    expect(lists()).toBe(2);
  });

  it('forgets who left', async () => {
    wechat.followers.set('oOpen_li', 'oUnion_li').set('oOpen_wu', 'oUnion_wu');
    await sync();
    await register('li', 'oUnion_li');
    await longAgo();
    wechat.followers.delete('oOpen_li');
    await dayLater();
    expect(await lookAsDaily()).toBe(true);
    expect(await addressOf('li')).toEqual(['oOpen_li', 'not_following']);
    expect(await mc.rows('SELECT openid FROM public_account_follower')).toEqual([{ openid: 'oOpen_wu' }]);
  });

  it.each([
    ['in an hour to an account whose list failed', { settings: { baseUrl: 'http://127.0.0.1:9' } }, 1],
    ['the next day to one that needs an administrator', { appSecret: 'mistyped-secret' }, 24],
  ])('comes back %s', async (_when, change, hours) => {
    await register('li', 'oUnion_li');
    await account('gh-1', change);
    expect(await lookAsDaily()).toBe(true);
    expect(await lookAsDaily()).toBe(false);
    const [due] = await mc.rows<{ minutes: number }>(
      `SELECT extract(epoch FROM followers_due_at - now())::float8 / 60 AS minutes FROM public_account`,
    );
    expect(due?.minutes).toBeGreaterThan(hours * 60 - 1);
    expect(due?.minutes).toBeLessThanOrEqual(hours * 60);
  });

  it.each([
    ['is switched off', { enabled: false }],
    ['is of the sandbox', { provider: 'sandbox', appId: undefined, appSecret: undefined, settings: undefined }],
  ])('leaves an account alone that %s', async (_how, change) => {
    wechat.followers.set('oOpen_li', 'oUnion_li');
    await sync();
    await register('li', 'oUnion_li');
    await account('gh-1', change);
    await mc.rows(`UPDATE public_account SET followers_due_at = now()`);
    expect(await lookAsDaily()).toBe(false);
  });
});
