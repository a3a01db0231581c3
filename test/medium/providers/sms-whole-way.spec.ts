import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ALIYUN_ACCOUNT, AliyunSmsFake } from '../../support/fakes/aliyun-sms.js';
import { TENCENT_ACCOUNT, TencentSmsFake } from '../../support/fakes/tencent-sms.js';
import type { Answer } from '../../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../../support/whole-center.js';
import { emptying } from '../../support/emptying.js';

const NUMBER = '13800138001';
const TOKEN = 'a-callback-token-of-the-console';
/** Aliyun shows in its records what it took; what is not there after three minutes it never took. */
const RECORDED_WITHIN_MS = 180_000;

let mc: WholeCenter;
let aliyun: AliyunSmsFake;
let tencent: TencentSmsFake;
beforeAll(async () => {
  mc = await wholeCenter();
});
beforeEach(async () => {
  [aliyun, tencent] = [await AliyunSmsFake.open(), await TencentSmsFake.open()];
  await mc.person('li', { sms: NUMBER });
});
afterEach(async () => {
  await mc.setUp('sms');
  await Promise.all([aliyun.close(), tencent.close()]);
  await mc.rows(emptying('uplink, sent_number'));
  await mc.keepsItsPromises();
});
afterAll(() => mc.close());

const aliyunAccount = (settings: object = {}, more: object = {}): object => ({
  id: 'ali',
  provider: 'aliyun',
  settings: { ...ALIYUN_ACCOUNT, baseUrl: aliyun.baseUrl, callbackToken: TOKEN, timeoutMs: 500, ...settings },
  ...more,
});
const tencentAccount = (settings: object = {}, more: object = {}): object => ({
  id: 'ten',
  provider: 'tencent',
  settings: { ...TENCENT_ACCOUNT, baseUrl: tencent.baseUrl, callbackToken: TOKEN, ...settings },
  ...more,
});
const push = (account: string, body: string, token = TOKEN): Promise<Answer> =>
  mc.tell('sms', account, {
    query: { token },
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body),
  });
const sendsOf = (action: string): number =>
  aliyun.requests.filter(({ headers }) => headers['x-acs-action'] === action).length;
const codeFor = (n: number): string => `验证码${n}，5分钟内有效。`;

describe('an SMS through Aliyun', () => {
  beforeEach(() => mc.setUp('sms', aliyunAccount()));

  it('is delivered once its receipt says so', async () => {
    const id = await mc.send(['li'], ['sms'], codeFor(8842));
    const [sent] = await mc.untilStatuses(id, 'sent');
    expect(sent?.attempts).toMatchObject([{ account: 'sms:ali', outcome: 'ok', code: 'OK' }]);
    expect(aliyun.taken).toMatchObject([
      { phone: NUMBER, templateCode: 'SMS_CODE', params: { code: '8842', minutes: '5' } },
    ]);

    const answer = await push('ali', aliyun.reportOf(aliyun.taken));
    expect([answer.status, answer.body]).toEqual([200, { code: 0, msg: '接收成功' }]);
    const [delivered] = await mc.untilStatuses(id, 'delivered');
    expect(delivered).toMatchObject({ provider: 'aliyun', error: null });
  });

  it('fails later where its receipt says so, and a number that nobody has is not used again', async () => {
    const id = await mc.send(['li'], ['sms'], codeFor(8843));
    await mc.untilStatuses(id, 'sent');
    await push('ali', aliyun.reportOf(aliyun.taken, false, 'MK:0001'));
    expect(await mc.untilStatuses(id, 'failed')).toMatchObject([{ error: { code: 'MK:0001', text: '接收失败' } }]);
    expect(await mc.suspended('li')).toMatchObject([{ channel: 'sms', suspended: { reason: 'MK:0001' } }]);
    expect(await mc.untilStatuses(await mc.send(['li'], ['sms'], codeFor(1)), 'failed')).toMatchObject([
      { error: { code: 'no_address' } },
    ]);
    expect(aliyun.taken).toHaveLength(1);
  });

  it('is not delivered because a stranger says so', async () => {
    const id = await mc.send(['li'], ['sms'], codeFor(8844));
    await mc.untilStatuses(id, 'sent');
    expect((await push('ali', aliyun.reportOf(aliyun.taken), 'not-the-callback-token')).status).toBe(403);
    expect(await mc.rows('SELECT 1 FROM receipt')).toEqual([]);
    expect(await mc.report(id)).toMatchObject([{ status: 'sent' }]);
  });

  it('whose answer was lost is looked up in the vendor’s records and not sent again', async () => {
    aliyun.scripted.set(NUMBER, 'silence');
    const id = await mc.send(['li'], ['sms'], codeFor(8845));
    expect(await mc.untilStatuses(id, 'retrying')).toMatchObject([
      { attempts: [{ outcome: 'unknown_outcome', code: 'timeout' }] },
    ]);
    for (const sms of aliyun.taken) sms.sendStatus = 3;
    await mc.passTime();
    await mc.untilStatuses(id, 'delivered');
    expect([sendsOf('SendSms'), sendsOf('QuerySendDetails')]).toEqual([1, 1]);
    await mc.passTime();
    expect(await mc.rows('SELECT 1 FROM work UNION ALL SELECT 1 FROM status_query')).toEqual([]);
  });

  it('whose answer was lost and that the vendor never took is sent once more', async () => {
    aliyun.scripted.set(NUMBER, 'silence');
    const id = await mc.send(['li'], ['sms'], codeFor(8846));
    await mc.untilStatuses(id, 'retrying');
    const [lost] = aliyun.taken.splice(0);
    aliyun.scripted.clear();
    await mc.passTime();
    await mc.until(
      'it was asked about',
      () => Promise.resolve(sendsOf('QuerySendDetails')),
      (asked) => asked > 0,
    );
    expect(sendsOf('SendSms')).toBe(1); // it may yet show in the records

    await sentEarlier(RECORDED_WITHIN_MS);
    await mc.passTime();
    const [item] = await mc.untilStatuses(id, 'sent');
    expect(item?.attempts.map(({ outcome }) => outcome)).toEqual(['unknown_outcome', 'ok']);
    expect([sendsOf('SendSms'), aliyun.taken.length]).toEqual([2, 1]);
    expect(aliyun.taken[0]?.outId).toBe(lost?.outId);
  });

  it('is tested with a text or a template of the administrator’s choice', async () => {
    const test = (more: object): Promise<Answer> =>
      mc.admin('POST', '/v1/channels/sms/test', { address: NUMBER, ...more });
    expect((await test({ text: codeFor(12) })).body).toMatchObject({ outcome: 'ok' });
    // A number gets one code a minute.
    const named = { address: '13800138002', templateId: 'SMS_CODE', params: { code: 34, minutes: '9' } };
    expect((await test(named)).body).toMatchObject({ outcome: 'ok' });
    expect(aliyun.taken).toMatchObject([
      { templateCode: 'SMS_CODE', params: { code: '12', minutes: '5' } },
      { templateCode: 'SMS_CODE', params: { code: '34', minutes: '9' } },
    ]);
    expect((await test({ text: '与模板无关的文字' })).body).toMatchObject({
      outcome: 'bad_content',
      code: 'no_template',
      hint: { en: expect.stringContaining('Aliyun') },
    });
  });

  it('is tested with an approved template, and the vendor’s words come with what to do about them', async () => {
    const works = await mc.admin('POST', '/v1/channels/sms/test', { address: NUMBER });
    expect(works.body).toMatchObject({ outcome: 'ok', provider: 'aliyun', code: 'OK' });
    expect(aliyun.taken).toMatchObject([{ phone: NUMBER, templateCode: 'SMS_ANY' }]);
    aliyun.signNames.clear();
    const refused = await mc.admin('POST', '/v1/channels/sms/test', { address: NUMBER });
    expect(refused.body).toMatchObject({
      outcome: 'bad_config',
      code: 'isv.SMS_SIGNATURE_ILLEGAL',
      words: '短信签名不合法',
      hint: { zh: expect.stringContaining('签名'), en: expect.stringContaining('signature') },
    });
  });
});

/** As if the sends that are asked about had happened that much earlier. */
const sentEarlier = (ms: number): Promise<unknown> =>
  mc.rows(
    `UPDATE status_query SET ref = split_part(ref, '|', 1) || '|' || split_part(ref, '|', 2)::bigint - $1::bigint
       || '|' || split_part(ref, '|', 3)`,
    [ms],
  );

describe('an SMS through Tencent', () => {
  beforeEach(() => mc.setUp('sms', tencentAccount()));

  it('is delivered once its receipt says so, several of the same words with one call', async () => {
    const numbers = [NUMBER, '13800138002', '13800138003'];
    const addresses = numbers.map((address) => ({ channel: 'sms', address }));
    const id = await mc.send([], ['sms'], codeFor(1), { to: { addresses } });
    await mc.untilStatuses(id, 'sent', 'sent', 'sent');
    expect(tencent.requests).toHaveLength(1);
    const [first, second, third] = tencent.taken;
    if (!first || !second || !third) throw new Error('not taken');
    const answer = await push('ten', tencent.reportOf([first, third]));
    expect([answer.status, answer.body]).toEqual([200, { result: 0, errmsg: 'OK' }]);
    await push('ten', tencent.reportOf([second], false, 'MI:0054'));
    await mc.untilStatuses(id, 'delivered', 'failed', 'delivered');
  });

  it('whose answer was lost stays unknown and is counted: the vendor cannot be asked', async () => {
    await mc.setUp('sms', tencentAccount({ timeoutMs: 500 }));
    tencent.scripted.set(`+86${NUMBER}`, 'silence');
    const before = await mc.metric('mc_unknown_outcomes_total');
    const id = await mc.send(['li'], ['sms'], codeFor(2));
    expect(await mc.untilStatuses(id, 'unknown')).toMatchObject([{ error: { code: 'timeout' } }]);
    expect(await mc.metric('mc_unknown_outcomes_total')).toBe(before + 1);
    await mc.passTime();
    expect(tencent.requests).toHaveLength(1);
    const { body } = await mc.until(
      'it is counted',
      () => mc.admin('GET', `/v1/messages/${id}`),
      (answer) => answer.body.status === 'completed',
    );
    expect(body.counts).toMatchObject({ unknown: 1, sent: 0, failed: 0 });
  });
});

describe('what a person answers', () => {
  const uplink = (sequenceId: string, content: string): object => ({
    phone_number: NUMBER,
    send_time: '2026-03-04 05:06:07',
    content,
    sign_name: ALIYUN_ACCOUNT.signName,
    dest_code: '1234',
    sequence_id: sequenceId,
  });
  const seen = async (): Promise<{ text: string; messageId: string | null; account: string }[]> =>
    (await mc.call('GET', '/v1/uplinks', { token: mc.appToken })).body.items;

  it('belongs to the newest message that went to the number, through whichever account, and is kept once', async () => {
    await mc.setUp('sms', aliyunAccount());
    const older = await mc.send(['li'], ['sms'], codeFor(1));
    await mc.untilStatuses(older, 'sent');
    await push('ali', JSON.stringify([uplink('1', '收到')]));
    await mc.setUp('sms', tencentAccount(), aliyunAccount({}, { weight: 0 }));
    const newer = await mc.send(['li'], ['sms'], codeFor(2));
    await mc.untilStatuses(newer, 'sent');
    for (let i = 0; i < 2; i++)
      expect((await push('ali', JSON.stringify([uplink('2', 'TD')]))).body).toEqual({ code: 0, msg: '接收成功' });
    await push('ten', JSON.stringify({ nationcode: '86', mobile: NUMBER, text: '好的', time: 1_772_600_000 }));
    expect(await seen()).toMatchObject([
      { text: '好的', account: 'ten', messageId: newer },
      { text: 'TD', account: 'ali', messageId: newer },
      { text: '收到', account: 'ali', messageId: older },
    ]);
  });

  it('to another app is not shown to this one', async () => {
    await mc.setUp('sms', aliyunAccount());
    await mc.untilStatuses(await mc.send(['li'], ['sms'], codeFor(1)), 'sent');
    await push('ali', JSON.stringify([uplink('3', 'TD')]));
    const { token } = await mc.clientApp();
    expect((await mc.call('GET', '/v1/uplinks', { token })).body.items).toEqual([]);
    expect(await seen()).toHaveLength(1);
  });
});

describe('two SMS accounts', () => {
  const both = (settings: object = {}): Promise<Answer> =>
    mc.setUp('sms', aliyunAccount(settings), tencentAccount({}, { weight: 0 }));

  it('share the work so that a badly signed one is stopped with an alarm and the other delivers', async () => {
    await both({ signName: '未批准' });
    const id = await mc.send(['li'], ['sms'], codeFor(7));
    const [item] = await mc.untilStatuses(id, 'sent');
    expect(item).toMatchObject({ provider: 'tencent' });
    expect(item?.attempts.map(({ account, outcome }) => [account, outcome])).toEqual([
      ['sms:ali', 'bad_config'],
      ['sms:ten', 'ok'],
    ]);
    expect(await mc.openAlarms()).toEqual([['account_stopped', 'sms:ali', 'isv.SMS_SIGNATURE_ILLEGAL']]);
    expect(await mc.account('sms', 'ali')).toMatchObject({
      health: { state: 'stopped', code: 'isv.SMS_SIGNATURE_ILLEGAL', words: '短信签名不合法' },
    });
    expect((await mc.account('sms', 'ten')).health).toEqual({ state: 'closed' });

    await mc.untilStatuses(await mc.send(['li'], ['sms'], codeFor(8)), 'sent');
    expect(sendsOf('SendSms')).toBe(1); // the backlog is not burned on it
    await push('ten', tencent.reportOf(tencent.taken));
    await mc.untilStatuses(id, 'delivered');

    await both();
    expect([await mc.openAlarms(), (await mc.account('sms', 'ali')).health]).toEqual([[], { state: 'closed' }]);
    await mc.untilStatuses(await mc.send(['li'], ['sms'], codeFor(9)), 'sent');
    expect(aliyun.taken).toHaveLength(1);
  });

  it('show their secrets nowhere, and keep what a later PUT does not name', async () => {
    const secrets = [ALIYUN_ACCOUNT.accessKeySecret, TENCENT_ACCOUNT.secretKey, TOKEN];
    const put = await both();
    const again = await mc.setUp(
      'sms',
      aliyunAccount({ accessKeySecret: undefined, callbackToken: undefined }),
      tencentAccount({ secretKey: undefined, callbackToken: undefined }, { weight: 0 }),
    );
    const id = await mc.send(['li'], ['sms'], codeFor(1));
    await mc.untilStatuses(id, 'sent');
    expect(aliyun.taken).toHaveLength(1);
    expect((await push('ali', aliyun.reportOf(aliyun.taken))).status).toBe(200);
    const shown = await Promise.all(
      ['channels', 'channels/sms', 'audit-log', `messages/${id}/deliveries`].map((path) =>
        mc.admin('GET', `/v1/${path}`),
      ),
    );
    for (const { text } of [put, again, ...shown]) for (const secret of secrets) expect(text).not.toContain(secret);
    const stored = JSON.stringify(await mc.rows('SELECT settings FROM provider_account'));
    for (const secret of secrets) expect(stored).not.toContain(secret);
    expect(again.body.providers.map(({ secretsSet }: { secretsSet: string[] }) => [...secretsSet].sort())).toEqual([
      ['accessKeySecret', 'callbackToken'],
      ['callbackToken', 'secretKey'],
    ]);
    await mc.untilStatuses(id, 'delivered');
  });
});
