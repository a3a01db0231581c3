import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DingtalkRobotFake } from '../../support/fakes/dingtalk-robot.js';
import { DingtalkFake } from '../../support/fakes/dingtalk.js';
import type { Answer } from '../../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../../support/whole-center.js';
import { emptying } from '../../support/emptying.js';

let mc: WholeCenter;
let dingtalk: DingtalkFake;
beforeAll(async () => {
  mc = await wholeCenter();
});
beforeEach(async () => {
  // Another app each time: nobody remembers the token of the one before.
  dingtalk = await DingtalkFake.open({ appSecret: randomBytes(16).toString('hex') });
  for (const userId of ['li', 'wang', 'nobody', 'unlucky']) await mc.person(userId, { dingtalk: userId });
  await setUp();
});
afterEach(async () => {
  await mc.setUp('dingtalk');
  await dingtalk.close();
  // The next one gives its tasks the same numbers.
  await mc.rows(emptying('recipient_window, status_query, provider_ref, receipt'));
  await mc.keepsItsPromises();
});
afterAll(() => mc.close());

const setUp = (settings: object = {}): Promise<Answer> =>
  mc.setUp('dingtalk', { id: 'main', provider: 'dingtalk', settings: { ...dingtalk.account, ...settings } });
const textsTo = (userId: string): string[] =>
  dingtalk.inbox
    .filter((notice) => notice.userId === userId)
    .map(({ message }) => (message['text'] as { content: string }).content);
const callsOf = (what: string): number => dingtalk.requests.filter(({ path }) => path.endsWith(`/${what}`)).length;

/** Asks DingTalk again until the report says this. */
const untilAsked = (id: string, ...statuses: string[]): ReturnType<WholeCenter['report']> =>
  mc.until(
    `the report says ${statuses.join(', ')}`,
    async () => {
      await mc.passTime();
      return mc.report(id);
    },
    (items) => items.map(({ status }) => status).join() === statuses.join(),
  );

describe('a work notice of DingTalk', () => {
  it('is only sent by the answer to the send; that it is delivered, and read, comes from its result', async () => {
    dingtalk.pendingProgress = 1;
    const id = await mc.send(['li', 'wang'], ['dingtalk'], '会议改到三点');
    await mc.untilStatuses(id, 'sent', 'sent');
    expect(callsOf('asyncsend_v2')).toBe(1);
    expect(callsOf('getsendprogress')).toBe(0);

    await mc.passTime();
    await mc.until(
      'it was asked about',
      () => Promise.resolve(callsOf('getsendprogress')),
      (count) => count > 0,
    );
    expect([callsOf('getsendresult'), (await mc.report(id))[0]?.status]).toEqual([0, 'sent']);
    await untilAsked(id, 'delivered', 'delivered');
    dingtalk.read('wang');
    await untilAsked(id, 'delivered', 'read');
  });

  it('fails for whom the result names, each with its reason, and a stranger’s address is not used again', async () => {
    const id = await mc.send(['li', 'nobody', 'unlucky'], ['dingtalk'], 'hello');
    await mc.untilStatuses(id, 'sent', 'sent', 'sent');
    const [, stranger, unlucky] = await untilAsked(id, 'delivered', 'failed', 'failed');
    expect([stranger?.error?.code, unlucky?.error?.code]).toEqual(['invalid_user', 'send_failed']);
    expect(await mc.suspended('nobody')).toMatchObject([
      { channel: 'dingtalk', suspended: { reason: 'invalid_user' } },
    ]);
    expect(await mc.suspended('unlucky')).toEqual([]);
    const again = await mc.send(['nobody'], ['dingtalk'], 'hello again');
    expect(await mc.untilStatuses(again, 'failed')).toMatchObject([{ error: { code: 'no_address' }, attempts: [] }]);
  });

  it('with the words of an earlier one of the day reaches the person all the same', async () => {
    const ids = [await mc.send(['li'], ['dingtalk'], 'backup failed')];
    await untilAsked(ids[0] ?? '', 'delivered');
    ids.push(await mc.send(['li'], ['dingtalk'], 'backup failed'));
    for (const id of ids) await untilAsked(id, 'delivered');
    const texts = textsTo('li');
    expect([texts.length, new Set(texts).size]).toEqual([2, 2]);
    for (const text of texts) expect(text.split('\n')[0]).toBe('backup failed');
  });

  it('that DingTalk took and swallowed fails: the same words a second time', async () => {
    await setUp({ uniqueLine: false });
    await untilAsked(await mc.send(['li'], ['dingtalk'], 'backup failed'), 'delivered');
    const id = await mc.send(['li'], ['dingtalk'], 'backup failed');
    await mc.untilStatuses(id, 'sent');
    expect(await untilAsked(id, 'failed')).toMatchObject([
      { error: { code: '143106', text: 'this person has had the same words today' }, attempts: [{ outcome: 'ok' }] },
    ]);
    expect(textsTo('li')).toHaveLength(1);
    expect(await mc.suspended('li')).toEqual([]);
  });

  it('that DingTalk took and swallowed fails: the 501st of a day, of which others sent the first 500', async () => {
    await othersSend(500, 'li');
    const id = await mc.send(['li', 'wang'], ['dingtalk'], 'one more');
    await mc.untilStatuses(id, 'sent', 'sent');
    const [li] = await untilAsked(id, 'failed', 'delivered');
    expect(li?.error?.code).toBe('143105');
    expect(await mc.suspended('li')).toEqual([]);
  });

  it('goes on to the next channel where only its result says that it failed', async () => {
    const id = await mc.send(['unlucky'], [], 'urgent', { channels: { mode: 'any' } });
    await mc.untilStatuses(id, 'sent');
    const [failed, portal] = await untilAsked(id, 'failed', 'delivered');
    expect([failed?.channel, portal?.channel]).toEqual(['dingtalk', 'portal']);
  });

  it('is sent with a new token where the old one was taken back', async () => {
    await mc.untilStatuses(await mc.send(['li'], ['dingtalk'], 'one'), 'sent');
    dingtalk.revokeToken();
    const id = await mc.send(['li'], ['dingtalk'], 'two');
    expect(await mc.untilStatuses(id, 'sent')).toMatchObject([{ attempts: [{ outcome: 'ok' }] }]);
    expect(callsOf('gettoken')).toBe(2);
  });

  it('is refused with DingTalk’s words and advice in a test, and the secret stands nowhere', async () => {
    const secret = 'mistyped-secret-0123456789';
    const put = await setUp({ appSecret: secret });
    const test = await mc.admin('POST', '/v1/channels/dingtalk/test', { address: 'li' });
    expect(test.body).toMatchObject({
      outcome: 'bad_config',
      provider: 'dingtalk',
      code: '40089',
      words: expect.stringContaining('invalid appsecret'),
      hint: { en: expect.stringContaining('AppSecret is wrong') },
    });
    const shown = await Promise.all(['channels', 'alarms', 'audit-log'].map((path) => mc.admin('GET', `/v1/${path}`)));
    for (const { text } of [put, test, ...shown]) expect(text).not.toContain(secret);
    expect(put.body.providers[0].secretsSet).toEqual(['appSecret']);
  });
});

/** Another system that uses the same app of DingTalk. */
async function othersSend(count: number, userId: string): Promise<void> {
  const { appKey, appSecret, agentId, baseUrl } = dingtalk.account;
  const asked = await fetch(`${baseUrl}/gettoken?${new URLSearchParams({ appkey: appKey, appsecret: appSecret })}`);
  const { access_token: token } = (await asked.json()) as { access_token: string };
  const url = `${baseUrl}/topapi/message/corpconversation/asyncsend_v2?access_token=${token}`;
  for (let n = 0; n < count; n++) {
    const msg = { msgtype: 'text', text: { content: `others ${n}` } };
    const body = JSON.stringify({ agent_id: agentId, userid_list: userId, msg });
    const { errcode } = (await (await fetch(url, { method: 'POST', body })).json()) as { errcode: number };
    if (errcode !== 0) throw new Error(`others were refused: ${errcode}`);
  }
}

describe('a robot of a DingTalk group', () => {
  it('posts what it is sent, signed, and is held back in time instead of being silenced for ten minutes', async () => {
    const signSecret = 'SEC-of-the-group-0123456789';
    const robot = await DingtalkRobotFake.open({ signSecret });
    try {
      await mc.setUp('dingtalk', {
        id: 'group',
        provider: 'dingtalk-robot',
        settings: { accessToken: robot.accessToken, signSecret, baseUrl: robot.baseUrl },
      });
      const ids: string[] = [];
      for (let n = 0; n < 21; n++) ids.push(await mc.send(['li'], ['dingtalk'], `post ${n}`));
      const items = await mc.until(
        'all but one are posted',
        async () => (await Promise.all(ids.map((id) => mc.report(id)))).flat(),
        (list) => list.filter(({ status }) => status === 'sent').length === 20 && list.some((item) => item.nextTryAt),
      );
      expect(items.filter(({ status }) => status !== 'sent')).toHaveLength(1);
      expect([robot.posts.length, robot.requests.length]).toEqual([20, 20]);
      expect((await mc.admin('GET', '/v1/channels/dingtalk')).text).not.toContain(signSecret);
    } finally {
      await robot.close();
    }
  });
});
