import { GuardedHttp } from '#platform';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { MisbehavingVendor } from '../../../../test/support/fakes/misbehaving-vendor.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { FakeWechat } from '../../../../test/support/fakes/wechat.js';
import { eachWechatFollower, type WechatFollower, type WechatFollowersEnd } from './wechat.followers.js';

const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
let wechat: FakeWechat;
beforeEach(async () => {
  wechat = await FakeWechat.open();
});
afterEach(() => wechat.close());

async function list(
  settings: Record<string, unknown> = {},
  signal?: AbortSignal,
): Promise<{ taken: WechatFollower[]; end: WechatFollowersEnd }> {
  const { appId, appSecret } = wechat.tokens;
  const taken: WechatFollower[] = [];
  const all = { appId, appSecret, baseUrl: wechat.baseUrl, ...settings };
  const take = (followers: readonly WechatFollower[]): Promise<void> => {
    taken.push(...followers);
    return Promise.resolve();
  };
  return { taken, end: await eachWechatFollower(all, http, new MemoryTokenCustody(), take, signal) };
}

it('reads every page, 100 people a call, whether they have a unionid or not', async () => {
  wechat.followersAPage = 130;
  for (let i = 0; i < 300; i++) wechat.followers.set(`oOpen_${i}`, i % 3 === 0 ? null : `oUnion_${i}`);
  const { taken, end } = await list();
  expect(end).toEqual({ isWhole: true });
  expect(taken).toHaveLength(300);
  expect(taken.slice(-2)).toEqual([
    { openid: 'oOpen_298', unionid: 'oUnion_298' },
    { openid: 'oOpen_299', unionid: 'oUnion_299' },
  ]);
  expect(taken[0]).toEqual({ openid: 'oOpen_0', unionid: null });
  expect(wechat.callsOf('/cgi-bin/user/info/batchget')).toHaveLength(5);
});

it('ends where nobody follows', async () => {
  await expect(list()).resolves.toEqual({ taken: [], end: { isWhole: true } });
});

it('tells when WeChat counts more people than it listed', async () => {
  const vendor = await MisbehavingVendor.open(({ path }) =>
    path.endsWith('stable_token')
      ? { access_token: 't', expires_in: 7200 }
      : path.endsWith('user/get')
        ? { total: 2, data: { openid: ['oOpen_1', 'oOpen_1'] }, next_openid: '' }
        : { user_info_list: [{ openid: 'oOpen_1', unionid: 'oUnion_1' }] },
  );
  await expect(list({ baseUrl: vendor.baseUrl })).resolves.toEqual({
    taken: [{ openid: 'oOpen_1', unionid: 'oUnion_1' }],
    end: { isWhole: false },
  });
  await vendor.close();
});

it('is broken off where it no longer matters', async () => {
  wechat.followers.set('oOpen_1', null);
  await expect(list({}, AbortSignal.abort())).resolves.toMatchObject({
    taken: [],
    end: { outcome: { class: 'retry', code: 'aborted' } },
  });
});

it('says why WeChat refuses', async () => {
  await expect(list({ appSecret: 'wrong' })).resolves.toMatchObject({
    end: { outcome: { class: 'bad_config', code: '40125' } },
  });
});

it('takes an answer without a list for none, and asks no more', async () => {
  const vendor = await MisbehavingVendor.open(({ path }) =>
    path.endsWith('stable_token')
      ? { access_token: 't', expires_in: 7200 }
      : path.endsWith('user/get')
        ? { data: { openid: ['oOpen_1'] }, next_openid: 'oOpen_1' }
        : {},
  );
  await expect(list({ baseUrl: vendor.baseUrl })).resolves.toMatchObject({
    end: { outcome: { class: 'retry', code: 'broken_answer' } },
  });
  expect(vendor.requests.map(({ path }) => path)).toHaveLength(3);
  await vendor.close();
});
