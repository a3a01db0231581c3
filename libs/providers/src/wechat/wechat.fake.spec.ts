import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import WechatAPI from 'co-wechat-api';
import { FakeWechat } from '../../../../test/support/fakes/wechat.js';

const FIVE_MINUTES_MS = 300_000;
const TWO_HOURS_MS = 7_200_000;

let wechat: FakeWechat;
beforeEach(async () => {
  wechat = await FakeWechat.open();
});
afterEach(() => wechat.close());

const client = (secret = wechat.tokens.appSecret): WechatAPI => {
  const api = new WechatAPI(wechat.tokens.appId, secret);
  api.prefix = `${wechat.baseUrl}/cgi-bin/`;
  return api;
};
const data = { thing1: { value: '标题', color: '#173177' }, thing2: { value: '内容' } };
const send = (api: WechatAPI, openid = 'oPENid-1', template = 'tpl-notice'): ReturnType<WechatAPI['sendTemplate']> =>
  api.sendTemplate(openid, template, 'https://e.com', '#FF0000', data);
const refused = (code: number): unknown => expect.objectContaining({ code });

describe('the fake of WeChat, driven by co-wechat-api', () => {
  it('sends a template message and lists the templates', async () => {
    const api = client();
    const answer = await send(api);
    expect(answer).toMatchObject({ errcode: 0, errmsg: 'ok' });
    expect(answer.msgid.toString()).toBe(wechat.shown[0]?.msgid);
    expect(wechat.shown).toMatchObject([{ openid: 'oPENid-1', template_id: 'tpl-notice', url: 'https://e.com', data }]);
    expect((await api.getAllPrivateTemplate()).template_list).toEqual(wechat.templates);
  });

  it('ends a token five minutes after another process fetched one, upon which the client fetches again', async () => {
    const [first, second] = [client(), client()];
    await send(first);
    await send(second);
    await send(first);
    expect(wechat.callsOf('/cgi-bin/token')).toHaveLength(2);
    wechat.advance(FIVE_MINUTES_MS + 1);
    await send(first);
    expect(wechat.callsOf('/cgi-bin/token')).toHaveLength(3);
    expect(wechat.shown).toHaveLength(4);
  });

  it('ends every token after two hours', async () => {
    const { accessToken } = await client().getAccessToken();
    wechat.advance(TWO_HOURS_MS + 1);
    expect(wechat.tokens.problemOf(accessToken)).toMatchObject({ errcode: 42001 });
  });

  it.each([
    ['an openid of another account', 'x', 'tpl-notice', 40003],
    ['two openids', 'oPENid-1,oPENid-2', 'tpl-notice', 40003],
    ['an unknown template', 'oPENid-1', 'tpl-none', 40037],
    ['a person in the blacklist', 'errcode-43019', 'tpl-notice', 43019],
  ])('refuses %s', async (_title, openid, template, code) => {
    await expect(send(client(), openid, template)).rejects.toEqual(refused(code));
  });

  it('refuses a person who left', async () => {
    wechat.unsubscribed.add('oPENid-1');
    await expect(send(client())).rejects.toEqual(refused(43004));
  });

  it('refuses a field that is missing or too long', async () => {
    const api = client();
    const tooLong = { ...data, thing1: { value: '一'.repeat(21) } };
    await expect(api.sendTemplate('oPENid-1', 'tpl-notice', '', '', tooLong)).rejects.toEqual(refused(47003));
    await expect(api.sendTemplate('oPENid-1', 'tpl-notice', '', '', {})).rejects.toEqual(refused(47003));
  });

  it('refuses a wrong secret, and callers that are not in the whitelist', async () => {
    await expect(send(client('wrong'))).rejects.toEqual(refused(40125));
    wechat.tokens.isAddressAllowed = false;
    await expect(send(client())).rejects.toEqual(refused(40164));
  });

  it('ends the day at its quota', async () => {
    wechat.quota = 1;
    const api = client();
    await send(api);
    await expect(send(api)).rejects.toEqual(refused(45009));
    wechat.advance(24 * 3_600_000);
    await expect(send(client())).resolves.toMatchObject({ errcode: 0 });
  });
});

describe('the stable token of the fake', () => {
  const ask = (more: object = {}): Record<string, unknown> =>
    wechat.tokens.askStable({
      grant_type: 'client_credential',
      appid: wechat.tokens.appId,
      secret: wechat.tokens.appSecret,
      ...more,
    });

  it('stays the same until five minutes before its end', () => {
    const first = ask();
    wechat.advance(TWO_HOURS_MS - FIVE_MINUTES_MS - 5_000);
    expect(ask()['access_token']).toBe(first['access_token']);
    wechat.advance(10_000);
    expect(ask()['access_token']).not.toBe(first['access_token']);
    expect(wechat.tokens.problemOf(String(first['access_token']))).toBeNull();
  });

  it('changes when it is forced, at most every 30 seconds and 20 times a day', () => {
    const first = ask();
    const second = ask({ force_refresh: true });
    expect(second['access_token']).not.toBe(first['access_token']);
    expect(wechat.tokens.problemOf(String(first['access_token']))).toMatchObject({ errcode: 40001 });
    expect(ask({ force_refresh: true })['access_token']).toBe(second['access_token']);
    for (let i = 0; i < 19; i++) {
      wechat.advance(30_000);
      expect(ask({ force_refresh: true })).toHaveProperty('access_token');
    }
    wechat.advance(30_000);
    expect(ask({ force_refresh: true })).toMatchObject({ errcode: 45009 });
  });
});
