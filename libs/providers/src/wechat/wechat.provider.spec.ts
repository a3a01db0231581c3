import { GuardedHttp } from '#platform';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { FakeWechat } from '../../../../test/support/fakes/wechat.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { WechatFactory } from './wechat.factory.js';

const SEND = '/cgi-bin/message/template/send';
const TOKEN = '/cgi-bin/stable_token';
const HOUR_MS = 3_600_000;
const never = new AbortController().signal;
const defaultTemplate = { templateId: 'tpl-notice', map: { title: 'thing1', text: 'thing2' } };

const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
const connect = (
  settings: Record<string, unknown>,
  custody = new MemoryTokenCustody(),
  baseUrl = 'http://127.0.0.1:1',
): ChannelProvider =>
  new WechatFactory(http, custody).create({
    id: 'wechat:acct-canary-5',
    channel: 'wechat',
    provider: 'wechat',
    settings: { appId: 'wxfake0123456789ab', appSecret: 'a-secret', baseUrl, defaultTemplate, ...settings },
  });

let wechat: FakeWechat;
let custody: MemoryTokenCustody;
beforeEach(async () => {
  wechat = await FakeWechat.open();
  custody = new MemoryTokenCustody();
});
afterEach(() => wechat.close());

const account = (settings: Record<string, unknown> = {}): ChannelProvider =>
  connect({ appSecret: wechat.tokens.appSecret, baseUrl: wechat.baseUrl, ...settings }, custody);
const sendOne = async (
  provider: ChannelProvider,
  openid = 'oPENid-1',
  more: Partial<OutboundDelivery> = {},
): Promise<Outcome | undefined> => (await provider.send([outbound(openid, more)], never))[0];

describe('wechat', () => {
  itIsAChannelProvider(async () => ({
    provider: account(),
    goodAddress: (n) => `oPENid-${n}`,
    refusedAddress: 'errcode-40003',
    silentAddress: 'silent',
    unreachable: connect({}, new MemoryTokenCustody(), `http://127.0.0.1:${await closedPort()}`),
    secrets: [wechat.tokens.appSecret],
    accountId: 'acct-canary-5',
    received: () => JSON.stringify(wechat.requests),
    close: () => Promise.resolve(),
  }));

  it('sends the message’s own template to one openid a call', async () => {
    const content = {
      templateId: 'tpl-notice',
      params: { thing1: '放假', thing2: '周五下午' },
      url: 'https://e.com/1',
      title: 'not shown',
    };
    const batch = ['oPENid-1', 'oPENid-2'].map((openid) => outbound(openid, { content }));
    const outcomes = await account({ miniProgram: { appId: 'wxmini', pagePath: 'pages/a' } }).send(batch, never);
    expect(wechat.shown).toEqual(
      batch.map(({ address, ref }) => ({
        openid: address,
        msgid: expect.any(String),
        template_id: 'tpl-notice',
        client_msg_id: ref,
        url: 'https://e.com/1',
        miniprogram: { appid: 'wxmini', pagepath: 'pages/a' },
        data: { thing1: { value: '放假' }, thing2: { value: '周五下午' } },
      })),
    );
    expect(outcomes).toEqual(wechat.shown.map(({ msgid }) => ({ class: 'ok', code: '0', providerRef: msgid })));
    expect(new Set(outcomes.map((outcome) => outcome.providerRef)).size).toBe(2);
  });

  it('keeps every digit of WeChat’s ids, which are longer than a number holds', async () => {
    const outcome = await sendOne(account());
    expect(Number.isSafeInteger(Number(outcome?.providerRef))).toBe(false);
    expect(outcome?.providerRef).toBe(wechat.shown[0]?.msgid);
  });

  it('refuses a message without a template where the account has none either', async () => {
    const outcome = await sendOne(account({ defaultTemplate: undefined }));
    expect(outcome).toMatchObject({ class: 'bad_content', code: 'no_template' });
    expect(wechat.callsOf(SEND)).toHaveLength(0);
  });

  it('fills the account’s default template within the limits of its fields and says what was cut', async () => {
    const provider = account({
      defaultTemplate: { ...defaultTemplate, map: { title: 'thing1', text: 'thing2' }, fixed: { const4: '待办' } },
    });
    const text = '一二三四五六七八九十\n一二三四五六七八九十';
    const outcome = await sendOne(provider, 'oPENid-1', { content: { title: '短', text } });
    expect(wechat.shown[0]?.data).toEqual({
      thing1: { value: '短' },
      thing2: { value: '一二三四五六七八九十 一二三四五六七八…' },
      const4: { value: '待办' },
    });
    expect(outcome).toMatchObject({
      class: 'ok',
      words: 'WeChat does not show all of it: thing2 is longer than 20 characters; thing2 holds line breaks',
    });
  });

  it('warns of what WeChat will not show of the caller’s own data, and changes nothing in it', async () => {
    wechat.templates.push({
      ...wechat.templates[0]!,
      template_id: 'old',
      content: '{{first.DATA}}{{keyword1.DATA}}{{remark.DATA}}',
    });
    const params = { first: '您好', keyword1: '一'.repeat(21), remark: '谢谢' };
    const outcome = await sendOne(account(), 'oPENid-1', { content: { templateId: 'old', params } });
    expect(outcome?.class).toBe('ok');
    for (const said of ['first', 'keyword1 is longer than 20 characters', 'remark'])
      expect(outcome?.words).toContain(said);
    expect(wechat.shown[0]?.data['keyword1']?.value).toBe(params.keyword1);
  });

  it('passes on why WeChat refuses the data of a template', async () => {
    const content = { templateId: 'tpl-notice', params: { thing1: '一'.repeat(21), thing2: 'x' } };
    expect(await sendOne(account(), 'oPENid-1', { content })).toEqual({
      class: 'bad_content',
      code: '47003',
      words: 'argument invalid! data.thing1.value invalid',
    });
  });

  it('reaches nobody twice by the same reference within ten minutes', async () => {
    const provider = account();
    const delivery = outbound('oPENid-1');
    const [first] = await provider.send([delivery], never);
    const [again] = await provider.send([{ ...delivery, attempt: 2 }], never);
    expect(again).toEqual(first);
    expect(wechat.shown).toHaveLength(1);
    expect(provider.isIdempotent).toBe(true);
  });

  it('keeps to its concurrency', async () => {
    const batch = Array.from({ length: 40 }, (_, i) => outbound(`oPENid-${i}`));
    await account({ concurrency: 4 }).send(batch, never);
    expect(wechat.shown).toHaveLength(40);
    expect(wechat.mostRunning).toBeLessThanOrEqual(4);
    expect(wechat.mostRunning).toBeGreaterThan(1);
  });
});

describe('token of wechat', () => {
  it('is asked for once by many sends, in the stable form', async () => {
    await Promise.all(
      [account(), account()].map((provider) =>
        provider.send(
          Array.from({ length: 20 }, (_, i) => outbound(`oPENid-${i}`)),
          never,
        ),
      ),
    );
    expect(wechat.callsOf(TOKEN).map(({ body }) => JSON.parse(body) as object)).toEqual([
      { grant_type: 'client_credential', appid: wechat.tokens.appId, secret: wechat.tokens.appSecret },
    ]);
  });

  it.each([
    ['has expired', (): void => wechat.advance(3 * HOUR_MS)],
    ['was revoked', (): void => wechat.tokens.revoke()],
  ])('is fetched anew once where the one at hand %s', async (_title, happen) => {
    const provider = account();
    await sendOne(provider);
    happen();
    const outcomes = await provider.send(
      Array.from({ length: 20 }, (_, i) => outbound(`oPENid-${i}`)),
      never,
    );
    expect(new Set(outcomes.map((outcome) => outcome.class))).toEqual(new Set(['ok']));
    expect(wechat.callsOf(TOKEN)).toHaveLength(2);
  });

  it('is forced only where WeChat goes on handing out the one that it refuses', async () => {
    const provider = account();
    await sendOne(provider);
    wechat.tokens.breakStable();
    expect((await sendOne(provider))?.class).toBe('ok');
    const forced = wechat
      .callsOf(TOKEN)
      .map(({ body }) => (JSON.parse(body) as { force_refresh?: true }).force_refresh);
    expect(forced).toEqual([undefined, undefined, true]);
  });

  it('is given up for the moment where a new one is refused as well', async () => {
    const provider = account();
    await sendOne(provider);
    wechat.tokens.breakStable();
    await sendOne(provider);
    wechat.tokens.breakStable();
    const outcome = await sendOne(provider);
    expect(outcome).toMatchObject({ class: 'auth_refresh', code: '40001' });
    const token = wechat.callsOf(SEND).at(-1)?.query.get('access_token') ?? '';
    expect(token).not.toBe('');
    expect(outcome?.words).not.toContain(token);
  });

  it('leaves the legacy token of other systems alone', async () => {
    const legacy = wechat.tokens.askLegacy({
      grant_type: 'client_credential',
      appid: wechat.tokens.appId,
      secret: wechat.tokens.appSecret,
    });
    await sendOne(account());
    wechat.advance(HOUR_MS);
    expect(wechat.tokens.problemOf(String(legacy['access_token']))).toBeNull();
  });

  it.each([
    [{ appSecret: 'wrong-secret' }, '40125'],
    [{ appId: 'wxother' }, '40013'],
  ])('is refused as bad_config for %j, and nothing is sent', async (settings, code) => {
    const outcomes = await account(settings).send([outbound('oPENid-1'), outbound('oPENid-2')], never);
    expect(outcomes).toMatchObject([
      { class: 'bad_config', code },
      { class: 'bad_config', code },
    ]);
    expect(JSON.stringify(outcomes)).not.toContain('wrong-secret');
    expect(wechat.callsOf(SEND)).toHaveLength(0);
  });

  it('is refused as bad_config from an address that is not in the whitelist', async () => {
    wechat.tokens.isAddressAllowed = false;
    expect(await sendOne(account())).toMatchObject({ class: 'bad_config', code: '40164' });
  });
});

describe('wechat out of quota', () => {
  it('holds the whole account until tomorrow in China and calls no more for the batch', async () => {
    wechat.quota = 3;
    const batch = Array.from({ length: 100 }, (_, i) => outbound(`oPENid-${i}`));
    const outcomes = await account({ concurrency: 1 }).send(batch, never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(batch.map((_, i) => (i < 3 ? 'ok' : 'rate_limited')));
    expect(outcomes[50]).toMatchObject({ code: '45009', isAccountWide: true });
    expect(outcomes[50]?.retryAfterMs).toBeLessThanOrEqual(24 * HOUR_MS);
    expect(wechat.callsOf(SEND)).toHaveLength(4);
  });
});

describe('wechat', () => {
  itSurvivesVendorFaults({
    repeatsOn5xx: true,
    connect: (baseUrl) => connect({ timeoutMs: 1500 }, new MemoryTokenCustody(), baseUrl),
    healthy: ({ path }) =>
      path === TOKEN ? { access_token: 'a-token', expires_in: 7200 } : { errcode: 0, errmsg: 'ok', msgid: 1 },
    isSend: ({ path }) => path === SEND,
    isToken: ({ path }) => path === TOKEN,
    address: 'oPENid-1',
  });
});
