import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogWatch } from '#entities';
import {
  wechatCheck,
  wechatEventXml,
  wechatPost,
  type WechatServerConfiguration,
} from '../../support/fakes/wechat-events.js';
import { FakeWechat } from '../../support/fakes/wechat.js';
import type { Answer } from '../../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../../support/whole-center.js';
import { emptying } from '../../support/emptying.js';

const URL = '/v1/public-accounts';
const OPENID = 'oAbCdEf0123456789';
const TOKEN = 'aToken1234567';
const AES_KEY = randomBytes(33).toString('hex').slice(0, 43);
const TEMPLATE = { templateId: 'tpl-notice', map: { title: 'thing1', text: 'thing2' } };

let mc: WholeCenter;
let wechat: FakeWechat;
let server: WechatServerConfiguration;
beforeAll(async () => {
  mc = await wholeCenter();
});
beforeEach(async () => {
  wechat = await FakeWechat.open();
  server = { appId: wechat.tokens.appId, token: TOKEN };
  await mc.person('li', { wechat: { 'gh-school': OPENID } });
  await register();
});
afterEach(async () => {
  await mc.admin('DELETE', `${URL}/gh-school`);
  await wechat.close();
  // The next account begins with the same ids.
  await mc.rows(emptying('provider_ref, receipt'));
  await mc.keepsItsPromises();
});
afterAll(() => mc.close());

/** Registers the public account, or replaces it. */
async function register(more: object = {}): Promise<Answer> {
  const { appId, appSecret } = wechat.tokens;
  const answer = await mc.admin('PUT', `${URL}/gh-school`, {
    name: '学校服务号',
    appId,
    appSecret,
    token: TOKEN,
    defaultTemplate: TEMPLATE,
    settings: { baseUrl: wechat.baseUrl, timeoutMs: 1000 },
    ...more,
  });
  if (answer.status !== 200) throw new Error(answer.text);
  await mc.app.get(CatalogWatch, { strict: false }).look();
  return answer;
}

const send = (title: string, text = '周五下午放假'): Promise<string> =>
  mc.send(['li'], ['wechat'], text, { content: { title, text } });
const event = (name: string, more?: Record<string, string | number>, by = server): Promise<Answer> =>
  mc.tell('wechat', 'gh-school', wechatPost(by, wechatEventXml(OPENID, name, more)));
const finished = (msgId: string, status: string, by = server): Promise<Answer> =>
  event('TEMPLATESENDJOBFINISH', { MsgID: msgId, Status: status }, by);

describe('a template message of a WeChat public account', () => {
  it('is shown to the follower, and delivered once WeChat says so', async () => {
    const id = await send('放假');
    await mc.untilStatuses(id, 'sent');
    expect(wechat.shown).toMatchObject([
      {
        openid: OPENID,
        template_id: 'tpl-notice',
        data: { thing1: { value: '放假' }, thing2: { value: '周五下午放假' } },
      },
    ]);
    const answer = await finished(wechat.shown[0]?.msgid ?? '', 'success');
    expect([answer.status, answer.text]).toEqual([200, 'success']);
    const [item] = await mc.untilStatuses(id, 'delivered');
    expect(item).toMatchObject({
      provider: 'wechat',
      attempts: [{ account: 'wechat:gh-school', outcome: 'ok', words: null }],
    });
  });

  it('fails where the person has blocked the account, which takes no address away', async () => {
    const id = await send('放假');
    await mc.untilStatuses(id, 'sent');
    await finished(wechat.shown[0]?.msgid ?? '', 'failed:user block');
    expect(await mc.untilStatuses(id, 'failed')).toMatchObject([{ error: { code: 'user_block' } }]);
    expect(await mc.suspended('li')).toEqual([]);
  });

  it('that says more than WeChat shows goes out cut, with a warning in the report', async () => {
    const id = await send('一二三四五六七八九十一二三四五六七八九十一');
    const [item] = await mc.untilStatuses(id, 'sent');
    expect(item?.attempts[0]?.words).toContain('thing1 is longer than 20 characters');
    expect([...(wechat.shown[0]?.data['thing1']?.value ?? '')]).toHaveLength(20);
  });

  it('of a template of one’s own goes out with its values', async () => {
    const put = await mc.admin('PUT', '/v1/templates/holiday', {
      name: 'holiday',
      params: ['day'],
      content: { wechat: { templateId: 'tpl-notice', data: { thing1: '{{day}}', thing2: { value: '放假一天' } } } },
    });
    expect(put.status).toBe(200);
    const template = { code: 'holiday', params: { day: '周五' } };
    const id = await mc.send(['li'], ['wechat'], '', { content: undefined, template });
    await mc.untilStatuses(id, 'sent');
    expect(wechat.shown).toMatchObject([{ data: { thing1: { value: '周五' }, thing2: { value: '放假一天' } } }]);
  });

  it('without an answer is sent again and reaches the person once', async () => {
    await mc.person('silent', { wechat: { 'gh-school': 'silent' } });
    const id = await mc.send(['silent'], ['wechat'], '放假');
    expect(await mc.untilStatuses(id, 'retrying')).toMatchObject([{ attempts: [{ outcome: 'unknown_outcome' }] }]);
    await mc.passTime();
    const [item] = await mc.until(
      'it was tried again',
      () => mc.report(id),
      ([first]) => first?.attempts.length === 2,
    );
    expect(item?.attempts[1]?.isPossibleDuplicate).toBe(false);
    const ids = wechat
      .callsOf('/cgi-bin/message/template/send')
      .map(({ body }) => (JSON.parse(body) as { client_msg_id: string }).client_msg_id);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    await mc.admin('POST', `/v1/messages/${id}/cancel`);
    await mc.untilStatuses(id, 'cancelled');
  });
});

describe('a follower', () => {
  it('who leaves is not written to until he follows again', async () => {
    expect((await event('unsubscribe')).text).toBe('success');
    expect(await mc.suspended('li')).toMatchObject([
      { channel: 'wechat', address: OPENID, account: 'gh-school', suspended: { reason: 'left' } },
    ]);
    expect(await mc.untilStatuses(await send('放假'), 'failed')).toMatchObject([
      { error: { code: 'no_address' }, attempts: [] },
    ]);
    expect(wechat.shown).toEqual([]);
    await event('subscribe');
    expect(await mc.suspended('li')).toEqual([]);
    await mc.untilStatuses(await send('放假'), 'sent');
    expect(wechat.shown).toHaveLength(1);
  });

  it('whom WeChat no longer knows as one is not written to again', async () => {
    wechat.unsubscribed.add(OPENID);
    expect(await mc.untilStatuses(await send('放假'), 'failed')).toMatchObject([{ error: { code: '43004' } }]);
    expect(await mc.suspended('li')).toMatchObject([{ suspended: { reason: '43004' } }]);
  });
});

describe('the server address of a public account', () => {
  it('is checked by WeChat when it is entered, and believes nobody else', async () => {
    const check = await mc.tell('wechat', 'gh-school', wechatCheck(server, '5919187385361783291'));
    expect([check.status, check.text]).toEqual([200, '5919187385361783291']);
    const stranger = { ...server, token: 'anotherToken1' };
    expect((await event('unsubscribe', {}, stranger)).status).toBe(403);
    expect(await mc.suspended('li')).toEqual([]);
  });

  it('takes encrypted events, and then no plain ones', async () => {
    await register({ encodingAesKey: AES_KEY });
    const encrypted = { ...server, encodingAesKey: AES_KEY };
    const id = await send('放假');
    await mc.untilStatuses(id, 'sent');
    const msgId = wechat.shown[0]?.msgid ?? '';
    expect((await finished(msgId, 'failed: system failed')).status).toBe(403);
    expect((await finished(msgId, 'success', encrypted)).text).toBe('success');
    await mc.untilStatuses(id, 'delivered');
  });
});

describe('the account of an administrator', () => {
  it('takes over WeChat’s templates and shows its secrets nowhere', async () => {
    const put = await register({ encodingAesKey: AES_KEY });
    const synced = await mc.admin('POST', `${URL}/gh-school/sync-templates`);
    expect(synced.body.items).toMatchObject([{ templateId: 'tpl-notice', title: '通知' }]);
    await mc.untilStatuses(await send('放假'), 'sent');
    // The gateway asked for the token, the worker used the same.
    expect(wechat.callsOf('/cgi-bin/stable_token')).toHaveLength(1);
    const shown = await Promise.all(
      [URL, `${URL}/gh-school`, '/v1/channels', '/v1/audit-log'].map((path) => mc.admin('GET', path)),
    );
    for (const { text } of [put, synced, ...shown])
      for (const secret of [wechat.tokens.appSecret, TOKEN, AES_KEY]) expect(text).not.toContain(secret);
  });

  it('is answered in a test as WeChat answers, with what to do about it', async () => {
    const test = (): Promise<Answer> => mc.admin('POST', '/v1/channels/wechat/test', { address: OPENID });
    expect((await test()).body).toMatchObject({ outcome: 'ok', provider: 'wechat', code: '0' });
    await register({ defaultTemplate: null });
    expect((await test()).body).toMatchObject({
      outcome: 'bad_content',
      code: 'no_template',
      hint: { en: expect.stringContaining('defaultTemplate') },
    });
    await register({ appSecret: 'mistyped-secret' });
    expect((await test()).body).toMatchObject({
      outcome: 'bad_config',
      code: '40125',
      words: expect.stringContaining('invalid appsecret'),
      hint: { zh: expect.stringContaining('AppSecret') },
    });
    expect((await test()).text).not.toContain('mistyped-secret');
  });

  it.each([
    ['it is saved again', () => register({ appSecret: undefined })],
    ['a test works', () => mc.admin('POST', '/v1/channels/wechat/test', { address: OPENID })],
  ])('that may not call from this address is stopped with an alarm until it may and %s', async (_when, goOn) => {
    wechat.tokens.isAddressAllowed = false;
    const id = await send('放假');
    await mc.until(
      'the alarm',
      () => mc.openAlarms(),
      (alarms) => alarms.length > 0,
    );
    expect(await mc.openAlarms()).toEqual([['account_stopped', 'wechat:gh-school', '40164']]);
    wechat.tokens.isAddressAllowed = true;
    // A worker remembers what it heard for a second.
    await mc.until(
      'it goes on',
      async () => {
        await goOn();
        return mc.report(id);
      },
      ([item]) => item?.status === 'sent',
    );
    expect(await mc.openAlarms()).toEqual([]);
  });
});

describe('an access token that WeChat no longer takes', () => {
  it('is replaced by force once, however many deliveries find out', async () => {
    await mc.untilStatuses(await send('one'), 'sent');
    wechat.tokens.breakStable();
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => send(`notice ${n}`)));
    for (const id of ids) await mc.untilStatuses(id, 'sent');
    const forced = wechat.callsOf('/cgi-bin/stable_token').map(({ body }) => body.includes('"force_refresh":true'));
    expect(forced).toEqual([false, false, true]); // it may be that another system had it replaced already
    expect(wechat.shown).toHaveLength(21);
  });
});
