import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Center } from '../support/center.js';

/**
 * What a calling system does, written from the published document alone: every call of the interface in the order of a
 * day's work, with the document's own shapes. The administrator's part, done once by /v1, stands in `beforeAll`.
 */
let center: Center;
let host: string;
let appId: string;
let appSecret: string;
let token: string;

type Json = Record<string, unknown>;
interface Answer {
  rspCode: string;
  rspMsg: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a caller's script reads answers as they come
  resultData: any;
}

const PUBLIC_ID = 'gh-service';
const TEMPLATE_ID = 'hLvE9RSVGrNHCBFHkbAgTjaaFLH8sS66Z7Wu8K3EyS4';
const TEMPLATE = {
  title: '待办审批提醒',
  primaryIndustry: 'IT科技',
  deputyIndustry: 'IT软件与服务',
  content:
    '{{first.DATA}}\n业务系统：{{keyword1.DATA}}\n所属业务：{{keyword2.DATA}}\n代办事项：{{keyword3.DATA}}\n申请人：{{keyword4.DATA}}\n当前环节：{{keyword5.DATA}}\n{{remark.DATA}}',
  example: '您好，您有一条待办审批提醒',
};

beforeAll(async () => {
  center = await Center.open({ recipients: 0 });
  await center.startAll();
  host = `http://127.0.0.1:${center.port}`;
  const app = await admin('POST', '/v1/client-apps', {
    name: '办公系统',
    channels: ['portal', 'smart', 'wecom', 'mail', 'sms', 'dingtalk', 'wechat'],
    features: ['user-count', 'user-list'],
  });
  ({ appId, appSecret } = app as { appId: string; appSecret: string });
  for (const [userId, name, mobile] of [
    ['zhang', '张三', '13812345678'],
    ['li', '李四', '13812345679'],
    ['wang', '王五', '13812345680'],
  ] as const) {
    const mail = `${userId}@example.com`;
    const addresses = { sms: mobile, mail, wecom: userId, dingtalk: userId, wechat: { [PUBLIC_ID]: `o-${userId}` } };
    await admin('PUT', `/v1/users/${userId}`, { name, addresses });
  }
  await admin('PUT', '/v1/users/wang/opt-outs', { apps: [appId], channels: [] });
  const account = { name: '学校服务号', provider: 'sandbox', remark: '备注', clientApps: [appId] };
  await admin('PUT', `/v1/public-accounts/${PUBLIC_ID}`, account);
  await admin('PUT', `/v1/public-accounts/${PUBLIC_ID}/templates/${TEMPLATE_ID}`, TEMPLATE);
});
afterAll(() => center.close());

async function admin(method: string, path: string, body?: Json): Promise<Json> {
  const response = await fetch(host + path, {
    method,
    headers: { authorization: `Bearer ${center.adminToken}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as Json;
}

async function post(path: string, body?: URLSearchParams | string): Promise<Answer> {
  const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/json' } : {};
  const response = await fetch(host + path, { method: 'POST', headers, ...(body ? { body } : {}) });
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

const form = (path: string, fields: Record<string, string>): Promise<Answer> =>
  post(path, new URLSearchParams({ token, ...fields }));
const json = (path: string, fields: Json): Promise<Answer> => post(path, JSON.stringify({ token, ...fields }));
const inUrl = (path: string, fields: Record<string, string> = {}): Promise<Answer> =>
  post(`${path}?${new URLSearchParams({ token, ...fields }).toString()}`);

/** What the call is about; throws where it was refused. The names stand in the order of the document. */
function done(answer: Answer, names: readonly string[] = ['rspCode', 'rspMsg', 'resultData']): Answer['resultData'] {
  expect(answer).toMatchObject({ rspCode: '000000', rspMsg: '操作完成' });
  expect(Object.keys(answer)).toEqual(names);
  return answer.resultData;
}
const WITH_DEBUGGER = ['rspCode', 'rspMsg', 'debuggerErrorMsg', 'resultData'];

const receivers = (...users: [userId: string, name: string][]): string =>
  JSON.stringify(users.map(([userId, name]) => ({ type: 'User', userId, name })));

async function send(fields: Record<string, string>): Promise<string> {
  const usual = { msgType: '1', sendStatus: '1', sendChannel: 'Portal', sendMode: 'normal' };
  const sent = done(await form('/message/sendMessageApi', { ...usual, ...fields }));
  expect(sent).toEqual({ msgId: expect.stringMatching(/^.{1,36}$/), noSubscribeStatus: '0', noSubscribeList: [] });
  return sent.msgId as string;
}

/** Asks again and again, as callers do, until everything is sent. */
async function progressOf(msgId: string): Promise<Json> {
  for (const giveUpAt = Date.now() + 20_000; ; await sleep(100)) {
    const progress = done(await form('/message/getProgress', { msgId }));
    expect(['0', '1', '2']).toContain(progress.state);
    if (progress.state === '1') return progress as Json;
    if (Date.now() > giveUpAt) throw new Error(`still not finished: ${JSON.stringify(progress)}`);
  }
}

const succeeded = (total: number): Json => ({
  total,
  state: '1',
  successCount: total,
  failCount: 0,
  failUserList: [],
});

interface Listed {
  id: string;
  title: string;
  type: string;
  time: string;
  state: string;
  source: string;
  url: string;
  murl: string;
}
async function listOf(
  account: string,
  fields: Record<string, string> = {},
): Promise<{ total: number; msglist: Listed[] }> {
  return done(await form('/api/message/user/list', { account, page: '1', size: '10', ...fields }));
}
async function find(account: string, title: string): Promise<Listed> {
  const { msglist } = await listOf(account, { search: title });
  const found = msglist.find((one) => one.title === title);
  if (!found) throw new Error(`${account} has no message ${title}`);
  return found;
}

/** What the person does on the page of a message: sends one of its forms. */
async function onPage(
  url: string,
  action: 'read' | 'reply' | 'done',
  fields: Record<string, string> = {},
): Promise<void> {
  const page = await (await fetch(url)).text();
  const target = [...page.matchAll(/<form [^<>]*\baction="([^"]+)"/g)]
    .map(([, href = '']) => href.replaceAll('&amp;', '&'))
    .find((href) => new URL(href, url).pathname.endsWith(`/${action}`));
  if (target === undefined) throw new Error(`no form to ${action} on the page`);
  const response = await fetch(new URL(target, url), { method: 'POST', body: new URLSearchParams(fields) });
  expect(response.ok).toBe(true);
}

/** What the simulated vendor of a channel was given. */
async function took(channel: string): Promise<string[]> {
  const { items } = await admin('GET', `/v1/sandbox/messages?channel=${channel}&limit=200`);
  return (items as { content: Json }[]).map(({ content }) => JSON.stringify(content));
}

/** `yyyy-MM-dd HH:mm:ss` in China. */
const chineseTime = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

describe('a caller that knows the document only', () => {
  it('5.1.1 gets a token', async () => {
    const answer = await post(`/msg/getThirdAPIToken?appId=${appId}&appPassword=${appSecret}`);
    const { token: given } = done(answer) as { token: string };
    expect(given).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    token = given;
  });

  it('5.2.1 lists its public accounts', async () => {
    expect(done(await inUrl('/message/getPublicList'), WITH_DEBUGGER)).toEqual([
      { appId, publicName: '学校服务号', publicId: PUBLIC_ID, remark: '备注', status: '1' },
    ]);
  });

  it('5.2.2 lists the templates of an account', async () => {
    expect(done(await inUrl('/message/getTemplateList', { publicId: PUBLIC_ID }), WITH_DEBUGGER)).toEqual([
      {
        template_id: TEMPLATE_ID,
        title: TEMPLATE.title,
        primary_industry: TEMPLATE.primaryIndustry,
        deputy_industry: TEMPLATE.deputyIndustry,
        content: TEMPLATE.content,
        example: TEMPLATE.example,
      },
    ]);
  });

  it('5.3.1 sends a notice that takes replies, and learns that it arrived', async () => {
    const msgId = await send({
      msgtitle: '放假通知',
      msgType: '0',
      msgContent: '<p>国庆节放假 <b>7</b> 天</p><script>alert(1)</script>',
      receivers: receivers(['zhang', '张三'], ['li', '李四'], ['zhang', '张三']),
      summary: '国庆节放假',
      isReply: '1',
    });
    expect(await progressOf(msgId)).toEqual(succeeded(2));
  });

  it('5.3.1 sends by several channels', async () => {
    const msgId = await send({
      msgtitle: '会议通知',
      msgContent: '下午两点，第一会议室 〖办公室〗',
      sendChannel: 'Portal,WeChat,DingTalk,Mail,SMS',
      receivers: receivers(['zhang', '张三'], ['li', '李四']),
    });
    expect(await progressOf(msgId)).toEqual(succeeded(2));
    for (const channel of ['wecom', 'dingtalk', 'mail', 'sms']) {
      expect((await took(channel)).filter((text) => text.includes('下午两点'))).toHaveLength(2);
    }
  });

  it('5.3.1 sends in the smart mode', async () => {
    const msgId = await send({
      msgtitle: '缴费提醒',
      msgContent: '请在本周五之前缴费',
      sendChannel: 'IntelligenceMode',
      receivers: receivers(['li', '李四']),
    });
    expect(await progressOf(msgId)).toEqual(succeeded(1));
  });

  it('5.3.1 sends a link', async () => {
    const fields = { msgtitle: '问卷', msgType: '2', msgContent: 'https://www.example.com/survey' };
    const msgId = await send({ ...fields, receivers: receivers(['li', '李四']) });
    expect(await progressOf(msgId)).toEqual(succeeded(1));
  });

  it('5.3.1 sends later', async () => {
    const fields = { msgtitle: '生日祝福', msgContent: '生日快乐', receivers: receivers(['zhang', '张三']) };
    const msgId = await send({ ...fields, sendStatus: '2', sendTime: chineseTime(Date.now() + 3_600_000) });
    expect(done(await form('/message/getProgress', { msgId }))).toMatchObject({ state: '0', total: 1 });
  });

  it('5.3.1 hears who does not want its messages, and who is unknown', async () => {
    const mixed = receivers(['zhang', '张三'], ['wang', '王五'], ['nobody', '无名']);
    const usual = { msgType: '1', sendStatus: '1', sendChannel: 'Portal', sendMode: 'normal' };
    const fields = { ...usual, msgtitle: '讲座', msgContent: '周三讲座', receivers: mixed };
    const sent = done(await form('/message/sendMessageApi', fields));
    expect(sent).toMatchObject({ noSubscribeStatus: '1' });
    expect(sent.noSubscribeList).toEqual([expect.objectContaining({ type: 'User', userId: 'wang', userName: '王五' })]);
    expect(await progressOf(sent.msgId as string)).toEqual({
      total: 2,
      state: '1',
      successCount: 1,
      failCount: 1,
      failUserList: [{ user: 'nobody', cause: '人员不存在' }],
    });
  });

  it('5.2.6 shows somebody’s messages; who opens one and reads it has read it', async () => {
    const { total, msglist } = await listOf('zhang');
    expect(total).toBe(3);
    expect(msglist.map(({ title }) => title)).toEqual(['讲座', '会议通知', '放假通知']);
    const notice = await find('zhang', '放假通知');
    expect(notice).toEqual({
      id: expect.any(String),
      title: '放假通知',
      type: '1',
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/),
      state: '2',
      source: '办公系统',
      url: expect.stringMatching(/^http/),
      murl: expect.stringMatching(/^http/),
    });
    const page = await (await fetch(notice.murl)).text();
    expect(page).toMatch(/<b>7<\/b>/);
    expect(page).not.toContain('alert(1)');
    expect((await find('zhang', '放假通知')).state).toBe('2');
    await onPage(notice.url, 'read');
    expect((await find('zhang', '放假通知')).state).toBe('1');
    expect((await listOf('zhang', { type: '4' })).msglist.map(({ title }) => title)).toEqual(['放假通知']);
    expect((await listOf('zhang', { type: '3' })).total).toBe(2);
  });

  it('5.2.5 counts them', async () => {
    expect(done(await form('/api/message/user/count', { account: 'zhang' }))).toEqual({
      unread: 2,
      read: 1,
      checked: 0,
      todo: 0,
      processing: 0,
      initiated: 0,
      total: 3,
    });
  });

  it('5.2.3 pulls what was answered, once', async () => {
    await onPage((await find('zhang', '放假通知')).url, 'reply', { text: '收到，谢谢！' });
    expect(done(await form('/message/replyMessage', { count: '10' }))).toEqual([
      {
        content: '收到，谢谢！',
        time: expect.stringMatching(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/),
        msgId: expect.any(String),
        user: 'zhang',
      },
    ]);
    expect(done(await form('/message/replyMessage', {}))).toEqual([]);
  });

  it('5.4.1 sends a to-do, which the person finishes or the caller closes', async () => {
    const todo = {
      msgtitle: '请假审批',
      msgContent: '李四的请假待审批',
      sendMsgType: '4',
      waitLink: 'https://oa.example.com/m/leave/1',
      pcUrl: 'https://oa.example.com/leave/1',
      receivers: receivers(['zhang', '张三'], ['li', '李四']),
    };
    const msgId = await send(todo);
    expect(await progressOf(msgId)).toEqual(succeeded(2));
    expect(
      (
        await form('/message/sendMessageApi', {
          msgType: '1',
          sendStatus: '1',
          sendChannel: 'Portal',
          sendMode: 'normal',
          ...todo,
        })
      ).rspCode,
    ).toBe('500015');
    const open = await find('zhang', '请假审批');
    expect([open.type, open.state]).toEqual(['4', '4']);
    await onPage(open.url, 'done');
    expect((await find('zhang', '请假审批')).state).toBe('3');
    expect((await listOf('li', { type: '1' })).total).toBe(1);

    const closed = done(await form('/message/checkMessageStatusApi', { msgId, messageType: '1', state: '2' }));
    const step = { stepId: expect.any(String), rspCode: '000000', rspMsg: '操作成功' };
    expect(closed).toEqual({ total: 2, flowId: msgId, msglist: [step, step] });
    expect((await find('li', '请假审批')).state).toBe('3');
    expect(done(await form('/api/message/user/count', { account: 'li', type: '4' }))).toMatchObject({
      todo: 0,
      checked: 1,
    });
  });

  it('5.3.2 sends an SMS to people outside, and hears which number is wrong', async () => {
    const sent = await form('/message/sendMessageBySMSApi', {
      msgContent: '您的访客预约已通过 〖研发部〗',
      receivers: JSON.stringify([
        { name: '示例姓名1', mobile: '18612345678' },
        { name: '示例姓名2', mobile: '13912345678' },
        { name: '示例姓名3', mobile: '1234567890' },
      ]),
    });
    expect(sent).toEqual({ rspCode: '1', rspMsg: '操作成功！', resultData: { msgId: expect.any(String) } });
    expect(await progressOf(sent.resultData.msgId as string)).toEqual({
      total: 3,
      state: '1',
      successCount: 2,
      failCount: 1,
      failUserList: [{ user: '1234567890', cause: '短信发送失败！手机号码格式有误！' }],
    });
  });

  it('5.3.3 sends a template message, as a to-do too', async () => {
    const message = {
      userId: 'zhang',
      publicId: PUBLIC_ID,
      templateId: TEMPLATE_ID,
      url: 'https://www.example.com',
      data: Object.fromEntries(
        ['OA办公系统', '办公用品申领', '记事本办公用品申领', '肖贾', '领导审批'].map((value, n) => [
          `keyword${n + 1}`,
          { value },
        ]),
      ),
    };
    const sent = done(await json('/message/sendTemplateApi', { ...message, messageType: '1' }), WITH_DEBUGGER);
    expect(sent).toEqual({ messageId: expect.any(String), status: '0', info: '发送成功' });

    const todo = done(await json('/message/sendTemplateApi', { ...message, messageType: '2' }), WITH_DEBUGGER);
    const closed = done(
      await form('/message/checkMessageStatusApi', { msgId: todo.messageId as string, messageType: '2', state: '2' }),
    );
    expect(closed).toMatchObject({ total: 1, flowId: todo.messageId, msglist: [{ rspCode: '000000' }] });
  });

  it('5.3.4 sends a card', async () => {
    const card = {
      userList: 'zhang|li',
      title: '通知',
      description: '<div class="gray">2021年06月17日</div> <div class="normal">恭喜你获得本次大赛第一</div>',
      btnTxt: '更多数据',
      url: 'https://www.example.com/s?ie=UTF-8&wd=baidu',
    };
    expect(done(await json('/message/cardMessage', card))).toBeNull();
    expect((await took('wecom')).filter((text) => text.includes('恭喜你获得本次大赛第一'))).not.toEqual([]);
  });

  it.each([
    ['an unknown token', { token: '86988ae9-077c-4a3f-807d-39840403efc3', msgId: 'x' }, '500003'],
    ['an unknown message', { msgId: '35cs32sdcgutn2x32sx' }, '500005'],
    ['no message', {}, '500001'],
  ])('is told of %s in the one form of all answers', async (_what, fields: Record<string, string>, rspCode) => {
    const answer = await form('/message/getProgress', fields);
    expect(answer).toEqual({ rspCode, rspMsg: expect.stringMatching(/[\u4e00-\u9fff]/), resultData: null });
  });
});
