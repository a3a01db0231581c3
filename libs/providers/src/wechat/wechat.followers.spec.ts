import { GuardedHttp } from '#platform';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { MisbehavingVendor } from '../../../../test/support/fakes/misbehaving-vendor.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { FakeWechat } from '../../../../test/support/fakes/wechat.js';
import { eachWechatFollower, type WechatFollower } from './wechat.followers.js';

const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
let wechat: FakeWechat;
beforeEach(async () => {
  wechat = await FakeWechat.open();
});
afterEach(() => wechat.close());

async function list(settings: Record<string, unknown> = {}): Promise<{ taken: WechatFollower[]; refused: unknown }> {
  const { appId, appSecret } = wechat.tokens;
  const taken: WechatFollower[] = [];
  const all = { appId, appSecret, baseUrl: wechat.baseUrl, ...settings };
  const refused = await eachWechatFollower(all, http, new MemoryTokenCustody(), (followers) => {
    taken.push(...followers);
    return Promise.resolve();
  });
  return { taken, refused };
}

it('reads every page, 100 people a call, and leaves out who has no unionid', async () => {
  wechat.followersAPage = 130;
  for (let i = 0; i < 300; i++) wechat.followers.set(`oOpen_${i}`, i % 3 === 0 ? null : `oUnion_${i}`);
  const { taken, refused } = await list();
  expect(refused).toBeNull();
  expect(taken).toHaveLength(200);
  expect(taken.at(-1)).toEqual({ openid: 'oOpen_299', unionid: 'oUnion_299' });
  expect(wechat.callsOf('/cgi-bin/user/info/batchget')).toHaveLength(5);
});

it('ends where nobody follows', async () => {
  await expect(list()).resolves.toEqual({ taken: [], refused: null });
});

it('says why WeChat refuses', async () => {
  await expect(list({ appSecret: 'wrong' })).resolves.toMatchObject({
    refused: { outcome: { class: 'bad_config', code: '40125' } },
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
    refused: { outcome: { class: 'retry', code: 'broken_answer' } },
  });
  expect(vendor.requests.map(({ path }) => path)).toHaveLength(3);
  await vendor.close();
});
