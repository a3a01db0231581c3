import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { htmlToText } from '#content';
import type { Answer } from '../support/gateway-app.js';
import {
  inMinutes,
  plainMessage,
  plainTodo,
  platformDoor,
  type Fields,
  type PlatformDoor,
} from './platform-door.fixture.js';

const SEND = '/message/sendMessageApi';
const SMS = '/message/sendMessageBySMSApi';
const MOBILES = '[{"name":"示例姓名1","mobile": "18612345678"},{"name":"示例姓名2","mobile": "13912345678"}]';

let mc: PlatformDoor;
let token: string;
beforeAll(async () => {
  mc = await platformDoor();
  ({ token } = await mc.addApp('app'));
  for (const user of ['12345', '12346']) await mc.addUser(user);
});
beforeEach(() => mc.rows('DELETE FROM opt_out'));
afterAll(() => mc.close());

const send = (more: Fields = {}): Promise<Answer> => mc.form(SEND, plainMessage(token, more));
const sendSms = (more: Fields = {}): Promise<Answer> =>
  mc.form(SMS, { token, msgContent: '今晚八点升级', receivers: MOBILES, ...more });

interface Stored {
  content: Record<string, string>;
  plan: { mode: string; steps: { channel: string }[]; publicAccount?: string };
  audience: { users?: { id: string }[]; addresses?: Record<string, string>[] };
  kind: string;
  door: string;
  reply: boolean;
  send_at: Date | null;
}

async function stored(answer: Promise<Answer>): Promise<Stored> {
  const { body } = await answer;
  expect(body.rspMsg).toMatch(/^操作/);
  return mc.row<Stored>('SELECT * FROM message WHERE id = $1', [body.resultData.msgId]);
}

describe('sendMessageApi', () => {
  it('answers as printed', async () => {
    expect((await send()).body).toEqual({
      rspCode: '000000',
      rspMsg: '操作完成',
      resultData: { msgId: expect.stringMatching(/^.{36}$/), noSubscribeStatus: '0', noSubscribeList: [] },
    });
  });

  it('names those who opted out as the caller named them, and sends to the others', async () => {
    await mc.rows(`INSERT INTO opt_out VALUES ('12345', 'app', 'app')`);
    const { body } = await send();
    expect(body.resultData).toMatchObject({
      noSubscribeStatus: '1',
      noSubscribeList: [{ type: 'User', userId: '12345', userName: '接受人1', name: '接受人1' }],
    });
    const { audience } = await mc.row<Stored>('SELECT * FROM message WHERE id = $1', [body.resultData.msgId]);
    expect(audience.users).toEqual([{ id: '12346' }]);
  });

  it('takes every parameter to where it belongs', async () => {
    const message = await stored(
      mc.form(
        SEND,
        plainTodo(token, {
          summary: '摘要',
          iconUrl: 'http://xxx',
          isReply: '1',
          waitLink: 'https://oa.example.com/m?id=1',
          pcUrl: 'http://oa/pc',
          sendChannel: 'SMS, Mail,SMS',
        }),
      ),
    );
    expect(message).toMatchObject({
      door: 'platform',
      kind: 'todo',
      reply: true,
      send_at: null,
      content: {
        title: '请审批',
        text: '今天下午三点开会',
        summary: '摘要',
        iconUrl: 'http://xxx',
        url: 'https://oa.example.com/m?id=1',
        pcUrl: 'http://oa/pc',
      },
      audience: { users: [{ id: '12345' }, { id: '12346' }] },
    });
    expect(message.plan.steps.map(({ channel }) => channel)).toEqual(['sms', 'mail']);
  });

  it('sends to each receiver once, known or not', async () => {
    const receivers = '[{"userId":"nobody"},{"type":"User","userId":"12345","name":"甲"},{"userId":12345}]';
    expect((await stored(send({ receivers }))).audience.users).toEqual([{ id: 'nobody' }, { id: '12345' }]);
  });

  it('takes a receiver without a type for a user, and says so where the userId is missing', async () => {
    const receivers = '[{"type":"","userId":"12345","name":null},{"type":null,"userId":"12346"}]';
    expect((await stored(send({ receivers }))).audience.users).toEqual([{ id: '12345' }, { id: '12346' }]);
    expect((await send({ receivers: '[{"userId":"12345"},{"userId":" "}]' })).body.rspMsg).toMatch(
      /第 2 项缺少 userId/,
    );
  });

  it.each([
    ['0', '<p>图<b>文</b></p><script>x</script>', 'html'],
    ['1', '文字 <b>不是标签</b>', 'text'],
    ['2', 'http://xxx', 'url'],
  ])('msgType %s is kept as what it is', async (msgType, msgContent, field) => {
    const { content } = await stored(send({ msgType, msgContent }));
    expect(content[field]).toBe(msgContent);
  });

  it('keeps an image without words: sanitising leaves something', async () => {
    const msgContent = '<img src="https://e.com/a.png">';
    expect(htmlToText(msgContent)).toBe('');
    await stored(send({ msgType: '0', msgContent }));
  });

  it.each([
    ['DingTalk', ['dingtalk']],
    ['WeChat', ['wecom']],
    ['Portal,Mail', ['portal', 'mail']],
  ])('%s goes by %j', async (sendChannel, channels) => {
    expect((await stored(send({ sendChannel }))).plan).toMatchObject({
      mode: 'list',
      steps: channels.map((channel) => ({ channel })),
    });
  });

  it('IntelligenceMode goes by the app’s channels in turn', async () => {
    expect((await stored(send({ sendChannel: 'IntelligenceMode' }))).plan.mode).toBe('smart');
  });

  it('WeChat goes by an official account only where one of the app shows messages without a template', async () => {
    const { token: own } = await mc.addApp('wechat-only', { channels: ['wechat'] });
    const wechat = (): Promise<Answer> => send({ token: own, sendChannel: 'WeChat' });
    expect((await wechat()).body.rspCode).toBe('500014');
    await mc.rows(
      `INSERT INTO public_account (public_id, name, remark, client_apps, default_template)
       VALUES ('gzh', '公众号', '', '{other}', '{"templateId":"t","map":{}}')`,
    );
    await mc.rows(`INSERT INTO provider_account (channel, id, provider) VALUES ('wechat', 'gzh', 'sandbox')`);
    await mc.refresh();
    expect((await wechat()).body.rspCode).toBe('500014');
    await mc.rows(`UPDATE public_account SET client_apps = '{wechat-only}'`);
    expect((await stored(wechat())).plan).toMatchObject({ steps: [{ channel: 'wechat' }], publicAccount: 'gzh' });
    await mc.rows(`INSERT INTO public_account (public_id, name) VALUES ('plain', '无模版')`);
    await mc.rows(`INSERT INTO provider_account (channel, id, provider) VALUES ('wechat', 'plain', 'sandbox')`);
    expect((await stored(wechat())).plan.publicAccount).toBe('gzh');
    await mc.rows(`UPDATE public_account SET default_template = '{"templateId":"t","map":{}}'`);
    expect((await stored(wechat())).plan.publicAccount).toBeUndefined();
    await mc.rows(`UPDATE provider_account SET enabled = false WHERE id = 'gzh'`);
    expect((await stored(wechat())).plan.publicAccount).toBe('plain');
    await mc.rows(`DELETE FROM public_account`);
    await mc.rows(`DELETE FROM provider_account`);
    await mc.refresh();
  });

  it('waits for its time, which is meant by the clock of Shanghai', async () => {
    const sendTime = inMinutes(11);
    const { send_at: sendAt } = await stored(send({ sendStatus: '2', sendTime }));
    expect(sendAt?.toISOString()).toBe(new Date(`${sendTime.replace(' ', 'T')}+08:00`).toISOString());
  });

  it.each<[string, Fields]>([
    ['msgtitle', { msgtitle: '' }],
    ['msgtitle', { msgtitle: '  ' }],
    ['msgtitle', { msgtitle: '长'.repeat(101) }],
    ['msgtitle', { msgtitle: 'a\0b' }],
    ['msgType', { msgType: '' }],
    ['msgType', { msgType: '3' }],
    ['msgType', { msgType: 'text' }],
    ['msgContent', { msgContent: '' }],
    ['msgContent', { msgType: '0', msgContent: '<div>'.repeat(20_001) }],
    ['sendStatus', { sendStatus: '' }],
    ['sendStatus', { sendStatus: '0' }],
    ['sendChannel', { sendChannel: '' }],
    ['sendChannel', { sendChannel: 'Fax' }],
    ['sendChannel', { sendChannel: 'portal' }],
    ['sendChannel', { sendChannel: 'Portal,' }],
    ['sendChannel', { sendChannel: 'Portal，SMS' }],
    ['sendChannel', { sendChannel: 'IntelligenceMode,SMS' }],
    ['sendMode', { sendMode: '' }],
    ['sendMode', { sendMode: 'fast' }],
    ['receivers', { receivers: '' }],
    ['receivers', { receivers: '12345' }],
    ['receivers', { receivers: '{"userId":"12345"}' }],
    ['receivers', { receivers: '[{"userId":"12345"}' }],
    ['receivers', { receivers: '[]' }],
    ['receivers', { receivers: '["12345"]' }],
    ['receivers', { receivers: '[null]' }],
    ['receivers', { receivers: '[{"name":"甲"}]' }],
    ['receivers', { receivers: '[{"userId":""}]' }],
    ['receivers', { receivers: '[{"userId":{"$ne":""}}]' }],
    ['receivers', { receivers: '[{"userId":20230001000200030004}]' }],
    ['receivers', { receivers: '[{"userId":1e999}]' }],
    ['receivers', { receivers: '[{"userId":"a\\u0000"}]' }],
    ['receivers', { receivers: `[{"userId":"${'1'.repeat(129)}"}]` }],
    ['receivers', { receivers: '[{"type":"Dept","userId":"1"}]' }],
    ['receivers', { receivers: '[{"userId":"1","name":{"a":1}}]' }],
    ['sendMsgType', { sendMsgType: '2' }],
    ['summary', { summary: 's'.repeat(256) }],
    ['summary', { summary: '\ud800' }],
    ['iconUrl', { iconUrl: 'ftp://example.com/a.png' }],
    ['iconUrl', { iconUrl: `http://e.com/${'a'.repeat(100)}` }],
    ['sendTime', { sendStatus: '2' }],
    ['sendTime', { sendStatus: '2', sendTime: '2026/12/01 15:00:00' }],
    ['sendTime', { sendStatus: '2', sendTime: inMinutes(9) }],
    ['sendTime', { sendStatus: '2', sendTime: '2001-01-01 00:00:00' }],
    ['sendTime', { sendStatus: '2', sendTime: '9999-12-31 23:59:59' }],
    ['sendTime', { sendStatus: '2', sendTime: '0000-01-01 00:00:00' }],
    ['sendTime', { sendStatus: '2', sendTime: inMinutes(181 * 24 * 60) }],
    ['isReply', { isReply: '2' }],
    ['isReply', { isReply: 'true' }],
    ['waitLink', { sendMsgType: '4' }],
    ['waitLink', { waitLink: 'javascript:alert(1)' }],
    ['waitLink', { waitLink: '//evil.example/x' }],
    ['waitLink', { waitLink: 'http://e.com/\r\nSet-Cookie: a=b' }],
    ['waitLink', { waitLink: 'oa/todo' }],
    ['waitLink', { waitLink: `http://e.com/${'a'.repeat(1024)}` }],
    ['pcUrl', { pcUrl: 'data:text/html,x' }],
    ['pcUrl', { pcUrl: 'http://user:pass@e.com/' }],
  ])('refuses a bad %s: %.100j', async (name, more) => {
    const before = await mc.stored();
    // A form cannot carry half a character: JSON can.
    const { body } = await mc.json(SEND, plainMessage(token, more));
    expect(body).toEqual({ rspCode: '500001', rspMsg: expect.stringContaining(name), resultData: null });
    expect(await mc.stored()).toBe(before);
  });

  it.each(['javascript:alert(1)', '//evil.example', 'http://', 'e.com', `http://e.com/${'a'.repeat(2 * 1024 * 1024)}`])(
    'refuses a link that is none: %.40s',
    async (msgContent) => {
      const before = await mc.stored();
      const { rspCode } = (await send({ msgType: '2', msgContent })).body;
      expect(rspCode).toBe(msgContent.length > 500_000 ? '500001' : '500012');
      expect(await mc.stored()).toBe(before);
    },
  );

  it('counts characters, not halves of them', async () => {
    await stored(send({ msgtitle: '😀'.repeat(100), summary: '😀'.repeat(255) }));
    expect((await send({ msgtitle: '😀'.repeat(101) })).body.rspCode).toBe('500001');
  });

  it('judges in the order a caller meets it: parameters, channels, content, receivers', async () => {
    const { token: poor } = await mc.addApp('poor', { channels: ['portal'] });
    await mc.rows(`INSERT INTO opt_out SELECT u, 'app', 'poor' FROM unnest(ARRAY['12345', '12346']) u`);
    const wrong = { token: poor, sendMode: 'x', sendChannel: 'SMS', msgType: '2', msgContent: 'no link' };
    const codes: string[] = [];
    for (const fixed of [{}, { sendMode: 'normal' }, { sendChannel: 'Portal' }, { msgContent: 'http://xxx' }]) {
      Object.assign(wrong, fixed);
      codes.push((await send(wrong)).body.rspCode);
    }
    expect(codes).toEqual(['500001', '500010', '500012', '500007']);
  });
});

describe('sendMessageBySMSApi', () => {
  it('answers as printed', async () => {
    expect((await sendSms()).body).toEqual({
      rspCode: '1',
      rspMsg: '操作成功！',
      resultData: { msgId: expect.stringMatching(/^.{36}$/) },
    });
  });

  it('takes each number once, bad ones too', async () => {
    const receivers =
      '[{"mobile":"18612345678","name":"甲"},{"mobile":"+86 186-1234-5678"},{"mobile":12},{"mobile":"12"}]';
    const { audience, plan } = await stored(sendSms({ receivers }));
    expect(audience.addresses).toMatchObject([
      { channel: 'sms', address: '18612345678', name: '甲' },
      { channel: 'sms', address: '12' },
    ]);
    expect(audience.addresses).toHaveLength(2);
    expect(plan.mode).toBe('list');
  });

  it.each(['【研发部】', '今晚】', '\ufe3b研发部\ufe3c', '【\u200b研发部'])('refuses a signature: %s', async (text) => {
    expect((await sendSms({ msgContent: `${text}升级` })).body.rspCode).toBe('500012');
    expect((await send({ sendChannel: 'SMS', msgContent: `${text}升级` })).body.rspCode).toBe('500012');
  });

  it.each(['〖研发部〗', '[研发部]', '〔研发部〕'])('lets other brackets pass: %s', async (text) => {
    await stored(sendSms({ msgContent: `${text}升级` }));
  });

  it('does not mind 【】 where no SMS goes out', async () => {
    await stored(send({ sendChannel: 'Portal', msgContent: '【研发部】升级' }));
  });

  it.each<[string, Fields]>([
    ['msgContent', { msgContent: '' }],
    ['msgContent', { msgContent: '长'.repeat(2001) }],
    ['receivers', { receivers: '' }],
    ['receivers', { receivers: '[]' }],
    ['receivers', { receivers: '18612345678' }],
    ['receivers', { receivers: '[{"name":"甲"}]' }],
    ['receivers', { receivers: '[{"mobile":" "}]' }],
    ['receivers', { receivers: '[{"mobile":["18612345678"]}]' }],
    ['receivers', { receivers: '[{"mobile":1861234567890123456789}]' }],
    [
      'receivers',
      { receivers: JSON.stringify(Array.from({ length: 10_001 }, (_, i) => ({ mobile: 18600000000 + i }))) },
    ],
  ])('refuses a bad %s: %.60j', async (name, more) => {
    const before = await mc.stored();
    const { body } = await sendSms(more);
    expect(body).toEqual({ rspCode: '500001', rspMsg: expect.stringContaining(name), resultData: null });
    expect(await mc.stored()).toBe(before);
  });
});
