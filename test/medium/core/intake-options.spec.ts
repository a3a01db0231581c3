import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AcceptMessageService } from '../../../apps/gateway/src/intake/accept-message.service.js';
import type { AcceptMessage } from '../../../apps/gateway/src/intake/accept-message.command.js';
import { IntakeError } from '../../../apps/gateway/src/intake/intake-error.js';
import { coreSteps, only, type CoreSteps, type Sending } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addApp('limited');
  for (const id of ['u1', 'u2', 'gone', 'left']) await mc.addUser(id, { sms: '13800000001', mail: `${id}@b.example` });
  await mc.rows(`INSERT INTO opt_out VALUES ('gone', 'app', 'app'), ('left', 'app', 'app'), ('u2', 'app', 'other')`);
  await mc.addTemplate('signed', { sms: { text: '{{who}}, hello' }, mail: { text: '{{who}}' } });
  await mc.rows(`INSERT INTO sensitive_word (word) VALUES ('敏感'), ('forbidden-word')`);
  await mc.rows(`UPDATE client_app SET sms_quota_total = 100 WHERE app_id = 'limited'`);
  await mc.refresh();
});
beforeEach(async () => {
  await mc.rows(emptying('work, message, message_state, delivery, settlement, idempotency_key, sms_budget'));
});
afterAll(() => mc.close());

const users = (...ids: string[]): Pick<AcceptMessage, 'to'> => ({ to: { users: ids.map((id) => ({ id })) } });
const numbers = (...list: string[]): Pick<AcceptMessage, 'to'> => ({
  to: { addresses: list.map((address) => ({ channel: 'sms', address })) },
});
const codeOf = (sending: Sending, app?: string): Promise<string> =>
  mc.accept(sending, app).then(
    () => 'accepted',
    (error: unknown) => (error instanceof IntakeError ? error.code : String(error)),
  );
/** The whole answer, where the id is not enough. */
const accept = (sending: Sending): ReturnType<AcceptMessageService['accept']> =>
  mc.get(AcceptMessageService).accept({
    app: {
      appId: 'app',
      name: 'app',
      channels: new Set(['portal', 'sms', 'mail']),
      features: new Set(),
      ratePerSecond: null,
      hasSmsQuota: false,
    },
    door: 'platform',
    content: { title: 'Hello', text: 'Hello there' },
    ...only('portal'),
    ...sending,
  });

describe('receivers who opted out of the app', () => {
  const leaveOut = { optOuts: 'leave_out' } as const;

  it('are left out and named in the answer, in the order given', async () => {
    const { messageId, optedOut } = await accept({ ...users('left', 'u1', 'gone', 'u2', 'nobody'), ...leaveOut });
    expect(optedOut).toEqual(['left', 'gone']);
    await mc.fanOut(messageId);
    expect((await mc.deliveries(messageId)).map(({ recipient }) => recipient)).toEqual(['nobody', 'u1', 'u2']);
  });

  it('are not mentioned where there are none, nor where nobody asked', async () => {
    expect(await accept({ ...users('u1', 'u2'), ...leaveOut })).not.toHaveProperty('optedOut');
    const { messageId, ...answer } = await accept(users('gone', 'u1'));
    expect(answer).toEqual({ status: 'accepted' });
    await mc.fanOut(messageId);
    expect((await mc.deliveries(messageId))[0]).toMatchObject({
      recipient: 'gone',
      error_code: 'opted_out_of_app',
    });
  });

  it('refuse the message where nobody else is left; whom the directory does not know has left nothing', async () => {
    await expect(mc.accept({ ...users('gone', 'left'), ...leaveOut })).rejects.toMatchObject({
      code: 'all_opted_out',
      details: { users: ['gone', 'left'] },
    });
    expect(await codeOf({ ...users('gone', 'nobody'), ...leaveOut })).toBe('accepted');
    expect(await codeOf({ to: { ...users('gone').to, ...numbers('13800000009').to }, ...leaveOut })).toBe('accepted');
  });

  it('take nothing of the SMS quota and have no to-do', async () => {
    const openTodo = { digest: 'ab'.repeat(32) };
    await mc.accept({ ...users('u2', 'u1'), ...only('sms'), ...leaveOut, openTodo }, 'limited');
    await mc.rows(`INSERT INTO opt_out VALUES ('gone', 'app', 'limited')`);
    await mc.accept(
      { ...users('u1', 'gone'), ...only('sms'), ...leaveOut, openTodo: { digest: 'cd'.repeat(32) } },
      'limited',
    );
    expect(await mc.row('SELECT max(used)::int AS used FROM sms_budget')).toEqual({ used: 3 });
    expect(await mc.rows(`SELECT FROM open_todo WHERE user_id = 'gone'`)).toEqual([]);
  });

  it('are asked for together by calls at the same time, and each gets its own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => accept({ ...users(i % 2 ? 'gone' : 'left', 'u1', `n${i}`), ...leaveOut })),
    );
    expect(answers.map(({ optedOut }) => optedOut)).toEqual(answers.map((_, i) => [i % 2 ? 'gone' : 'left']));
  });
});

describe('addresses that are none', () => {
  const bad = { ...only('sms'), badAddresses: 'fail' } as const;

  it('become failed deliveries as they were given, once each, and the others go', async () => {
    const id = await mc.send({ ...numbers('12', '+8613800000001', '12', '1380000\r\nx', '9'.repeat(600)), ...bad });
    expect((await mc.deliveries(id)).map(({ address, status, error_code }) => [address, status, error_code])).toEqual([
      ['12', 31, 'address_invalid'],
      ['13800000001', 0, null],
      ['1380000\r\nx', 31, 'address_invalid'],
      ['9'.repeat(512), 31, 'address_invalid'],
    ]);
    expect(await mc.work()).toBe(1);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 1, failed: 3 });
    expect(await mc.violations({ atRest: true })).toEqual([]);
  });

  it('refuse the message where nobody asked for that', async () => {
    expect(await codeOf({ ...numbers('12', '13800000001'), ...only('sms') })).toBe('address_invalid');
  });

  it('make a message that has no other complete as failed, also a large one', async () => {
    const few = await mc.send({ ...numbers('12'), ...bad });
    const many = await mc.send({ ...numbers(...Array.from({ length: 300 }, (_, i) => `x${i}`)), ...bad });
    await mc.fold();
    expect(await mc.state(few)).toMatchObject({ status: 'completed', failed: 1 });
    expect(await mc.state(many)).toMatchObject({ status: 'completed', failed: 300 });
  });

  it('take no SMS segments: of 200 calls at once on a quota of 100 exactly 100 are accepted', async () => {
    const call: Sending = { ...numbers('13800000001', 'bad', 'worse'), ...bad };
    const codes = await Promise.all(Array.from({ length: 200 }, () => codeOf(call, 'limited')));
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(100);
    expect(codes.filter((code) => code === 'sms_quota_exceeded')).toHaveLength(100);
    expect(await mc.row('SELECT max(used)::int AS used FROM sms_budget')).toEqual({ used: 100 });
    expect(await mc.row('SELECT count(*)::int AS n FROM message')).toEqual({ n: 100 });
    expect(await codeOf({ ...numbers('bad'), ...bad }, 'limited')).toBe('accepted');
  });
});

describe('the brackets of an SMS signature', () => {
  const asked = { refuseSmsSignature: true, ...only('sms') } as const;
  const text = (words: string): Sending => ({ ...users('u1'), ...asked, content: { text: words } });

  it.each([
    ['in the text', text('【银行】hello'), 'sms_signature'],
    ['the closing one alone', text('hello】'), 'sms_signature'],
    ['in the form that NFKC turns into them', text('\ufe3bbank\ufe3c'), 'sms_signature'],
    ['in HTML, behind tags and entities', { ...text(''), content: { html: '<b>&#12304;</b>bank' } }, 'sms_signature'],
    [
      'in a param of one person',
      {
        ...asked,
        template: { code: 'signed' },
        params: { who: 'A' },
        to: { users: [{ id: 'u1' }, { id: 'u2', params: { who: '【x】' } }] },
      },
      'sms_signature',
    ],
    ['where SMS is a step of smart', { ...text('【x】'), channels: { mode: 'smart' } }, 'sms_signature'],
    ['where SMS is a step of any', { ...text('【x】'), channels: { mode: 'any' } }, 'sms_signature'],
    ['to a number', { ...text('【x】'), ...numbers('13800000001') }, 'sms_signature'],
    ['other brackets', text('〖a〗 [b] 〔c〕 ［d］'), 'accepted'],
    ['in the title, which no SMS shows', { ...text('hello'), content: { title: '【x】', text: 'hello' } }, 'accepted'],
    ['where no SMS goes out', { ...text('【x】'), ...only('mail') }, 'accepted'],
    ['where nobody asked', { ...users('u1'), ...only('sms'), content: { text: '【x】' } }, 'accepted'],
  ] as [string, Sending, string][])('%s', async (_, sending, code) => {
    expect(await codeOf(sending)).toBe(code);
  });
});

describe('a sensitive word is found', () => {
  it.each([
    ['behind tags', { html: '<p><b>敏</b>感</p>' }],
    ['behind a comment', { html: '敏<!-- x -->感' }],
    ['behind entities', { html: '&#25935;&#x611f;' }],
    ['in the words of a picture', { html: '<img src="https://a.example/b.png" alt="&#25935;感">' }],
    ['across paragraphs', { html: '<p>敏</p><p>感</p>' }],
    ['in the title', { title: '敏-感', text: 'x' }],
    ['in the summary', { summary: '敏 感', text: 'x' }],
  ])('%s', async (_, content) => {
    expect(await codeOf({ ...users('u1'), ...only('portal'), content })).toBe('sensitive_word');
  });

  it.each([
    ['a link', { text: 'x', url: 'https://a.example/forbidden-word' }],
    ['a link for PCs', { text: 'x', pcUrl: 'https://a.example/forbidden.word' }],
  ])('in what people read, and not in %s', async (_, content) => {
    expect(await codeOf({ ...users('u1'), ...only('portal'), content })).toBe('accepted');
  });

  it.each([
    [{ mail: { subject: 's', html: '<i>敏</i>{{x}}' } }, { x: '感' }],
    [{ mail: { subject: 's', html: '&#25935;{{x}}' } }, { x: '感' }],
  ])('in a template %j with its params in place', async (content, params) => {
    await mc.addTemplate('hiding', content);
    expect(await codeOf({ ...users('u1'), ...only('mail'), template: { code: 'hiding' }, params })).toBe(
      'sensitive_word',
    );
  });

  it('and markup without one passes', async () => {
    const content = { html: '<p title="敏">a &amp; b</p>感<b>敏</b>' };
    expect(await codeOf({ ...users('u1'), ...only('portal'), content })).toBe('accepted');
  });
});
