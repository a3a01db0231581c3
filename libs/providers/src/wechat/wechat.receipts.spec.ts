import { decrypt, encrypt, getSignature } from '@wecom/crypto';
import { GuardedHttp } from '#platform';
import { describe, expect, it } from '@jest/globals';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { wechatCheck, wechatEventXml, wechatPost } from '../../../../test/support/fakes/wechat-events.js';
import type { InboundAnswer, InboundRequest } from '../port/channel-provider.port.js';
import { isWechatSignature, openWechatEvent, wechatSignature } from './wechat-crypto.js';
import { readWechatXml } from './wechat-xml.js';
import { WechatFactory } from './wechat.factory.js';

const PLAIN = { appId: 'wxfake0123456789ab', token: 'aToken123' };
const ENCODING_AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const AES = { ...PLAIN, encodingAesKey: ENCODING_AES_KEY };
const SUCCESS = wechatEventXml('oPENid-1', 'TEMPLATESENDJOBFINISH', {
  MsgID: '3487542469355618313',
  Status: 'success',
});
const REFUSED = { status: 403, news: {} };

const factory = new WechatFactory(new GuardedHttp({ allow: [] }), new MemoryTokenCustody());
const receive = (settings: object, request: InboundRequest): InboundAnswer =>
  factory.receive(
    { id: 'wechat:gh', channel: 'wechat', provider: 'wechat', settings: { appSecret: 's', ...settings } },
    request,
  );
const status = (text: string): InboundAnswer =>
  receive(PLAIN, wechatPost(PLAIN, wechatEventXml('oPENid-1', 'TEMPLATESENDJOBFINISH', { MsgID: '1', Status: text })));

describe('server address of a public account', () => {
  it('answers the check of WeChat with its own words, and nobody else', () => {
    const check = wechatCheck(PLAIN, '8123456789012345678');
    expect(receive(PLAIN, check)).toEqual({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: '8123456789012345678',
      news: {},
    });
    expect(receive(AES, check).status).toBe(200);
    expect(receive(PLAIN, wechatCheck({ ...PLAIN, token: 'other' }, '1'))).toMatchObject(REFUSED);
    expect(receive(PLAIN, wechatCheck(PLAIN, '<script>alert(1)</script>'))).toMatchObject(REFUSED);
    expect(receive({ appId: PLAIN.appId }, check)).toMatchObject(REFUSED);
    expect(receive(PLAIN, { ...check, query: {} })).toMatchObject(REFUSED);
  });

  it.each([
    ['plain', PLAIN],
    ['encrypted', AES],
  ])('takes a %s receipt under the id of the send, to the digit', (_title, account) => {
    expect(receive(account, wechatPost(account, SUCCESS))).toEqual({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: 'success',
      news: {
        receipts: [{ providerRef: '3487542469355618313', status: 'delivered', at: new Date(1395658920_000) }],
      },
    });
  });

  it.each([
    ['failed:user block', 'user_block'],
    ['failed: user block', 'user_block'],
    ['failed: system failed', 'system_failed'],
    ['failed:freq limit', 'freq_limit'],
    ['something new', 'something_new'],
  ])('reads %j as a failure %s', (text, code) => {
    expect(status(text).news.receipts).toEqual([
      { providerRef: '1', status: 'failed', code, words: text, at: new Date(1395658920_000) },
    ]);
  });

  it.each([
    ['subscribe', 'joined'],
    ['unsubscribe', 'left'],
  ])('tells that a person %ss', (event, expected) => {
    expect(receive(AES, wechatPost(AES, wechatEventXml('oPENid-1', event))).news).toEqual({
      addressEvents: [{ address: 'oPENid-1', event: expected }],
    });
  });

  it.each([
    wechatEventXml('oPENid-1', 'SCAN'),
    wechatEventXml('oPENid-1', 'TEMPLATESENDJOBFINISH', { Status: 'success' }),
    wechatEventXml('oPENid-1', 'TEMPLATESENDJOBFINISH', { MsgID: '1' }),
    wechatEventXml('', 'unsubscribe'),
    '<xml><MsgType>text</MsgType><FromUserName>o1</FromUserName><Content><![CDATA[<!DOCTYPE html> &amp; <b>]]></Content></xml>',
  ])('takes what means nothing to us: %s', (xml) => {
    expect(receive(PLAIN, wechatPost(PLAIN, xml))).toMatchObject({ status: 200, body: 'success', news: {} });
  });

  it('takes no time that is none', () => {
    const xml = SUCCESS.replace('1395658920', '9'.repeat(30));
    expect(receive(PLAIN, wechatPost(PLAIN, xml)).news.receipts).toEqual([
      { providerRef: '3487542469355618313', status: 'delivered' },
    ]);
  });

  it('takes no plain event where a key is set, and none that is signed or sealed otherwise', () => {
    const sealed = wechatPost(AES, SUCCESS);
    const broken = (query: Record<string, string>): InboundRequest => ({
      ...sealed,
      query: { ...sealed.query, ...query },
    });
    const altered = { ...sealed, body: Buffer.from(sealed.body.toString().replace('<![CDATA[', '<![CDATA[AAAA')) };
    for (const request of [
      wechatPost(PLAIN, SUCCESS),
      broken({ msg_signature: 'x' }),
      broken({ msg_signature: '' }),
      broken({ signature: 'x' }),
      broken({ nonce: '1' }),
      altered,
      wechatPost({ ...AES, appId: 'wxanother' }, SUCCESS),
      wechatPost({ ...AES, encodingAesKey: `${ENCODING_AES_KEY.slice(1)}x` }, SUCCESS),
    ])
      expect(receive(AES, request)).toMatchObject(REFUSED);
  });

  it.each([
    [
      'billion laughs',
      `<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>${SUCCESS.replace('success', '&b;')}`,
    ],
    ['an external entity', `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><MsgType>&e;</MsgType></xml>`],
    ['a megabyte', SUCCESS.replace('success', 'x'.repeat(1024 * 1024))],
    ['a comment', `<xml><!-- a --><MsgType>event</MsgType></xml>`],
    ['a section without an end', `<xml><MsgType><![CDATA[event</MsgType></xml>`],
    ['NUL', SUCCESS.replace('success', 'a\0b')],
    ['another root', '<html><MsgType>event</MsgType></html>'],
    ['nothing', ''],
    ['no XML', '{"MsgType":"event"}'],
    ['many sections without an end', `<xml>${'<![CDATA['.repeat(7_000)}`],
    ['deep nesting', `<xml>${'<a>'.repeat(10_000)}</xml>`],
  ])('refuses %s', (_title, xml) => {
    expect(receive(PLAIN, wechatPost(PLAIN, xml))).toMatchObject(REFUSED);
  });

  it('finds nothing in what is named like a prototype', () => {
    expect(readWechatXml('<xml><__proto__><MsgType>event</MsgType></__proto__></xml>')?.get('MsgType')).toBeUndefined();
  });
});

describe('WXBizMsgCrypt', () => {
  it.each(['', 'a', '中文 <xml>', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(5000)])(
    'opens and signs as the official library does (%#)',
    (text) => {
      const sealed = encrypt(ENCODING_AES_KEY, text, AES.appId);
      expect(openWechatEvent(ENCODING_AES_KEY, AES.appId, sealed)).toBe(text);
      expect(decrypt(ENCODING_AES_KEY, sealed).message).toBe(text);
      expect(wechatSignature('token', '1', '2', sealed)).toBe(getSignature('token', '1', '2', sealed));
    },
  );

  it('opens nothing that is cut short, padded or addressed wrongly', () => {
    const sealed = Buffer.from(encrypt(ENCODING_AES_KEY, 'text', AES.appId), 'base64');
    for (const bytes of [sealed.subarray(0, 32), sealed.subarray(1), Buffer.alloc(0), Buffer.alloc(64)])
      expect(openWechatEvent(ENCODING_AES_KEY, AES.appId, bytes.toString('base64'))).toBeNull();
    expect(openWechatEvent(ENCODING_AES_KEY, 'wxanother', sealed.toString('base64'))).toBeNull();
    expect(openWechatEvent('short', AES.appId, sealed.toString('base64'))).toBeNull();
  });

  it('compares signatures whatever their case and length', () => {
    const signature = wechatSignature('a', 'b', 'c');
    expect(isWechatSignature(signature.toUpperCase(), 'c', 'a', 'b')).toBe(true);
    for (const wrong of ['', 'x', signature.slice(1), `${signature}0`])
      expect(isWechatSignature(wrong, 'a', 'b', 'c')).toBe(false);
  });
});
