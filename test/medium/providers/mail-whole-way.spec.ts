import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openSmtpMailbox, type SmtpMailbox, type TakenMail } from '../../support/fakes/smtp-mailbox.js';
import { mailReport, type MailReport } from '../../support/fakes/smtp-reports.js';
import { openSmtpScript } from '../../support/fakes/smtp-script.js';
import type { Answer } from '../../support/gateway-app.js';
import { wholeCenter, type WholeCenter } from '../../support/whole-center.js';

const CALLBACK_TOKEN = 'callback-token-of-postfix';
const PASSWORD = 'password-of-the-relay';
const ADDRESS = 'li.si@dest.test';

let mc: WholeCenter;
let mailbox: SmtpMailbox;
beforeAll(async () => {
  mc = await wholeCenter();
});
beforeEach(async () => {
  mailbox = await openSmtpMailbox();
  await mc.person('li', { mail: ADDRESS });
  await connect(mailbox.port);
});
afterEach(async () => {
  await mc.setUp('mail');
  await mailbox.close();
  await mc.keepsItsPromises();
});
afterAll(() => mc.close());

const connect = (port: number, settings: object = {}): Promise<Answer> =>
  mc.setUp('mail', {
    id: 'relay',
    provider: 'smtp',
    settings: {
      host: '127.0.0.1',
      port,
      from: 'notice@example.com',
      bounceAddress: 'bounce@example.com',
      callbackToken: CALLBACK_TOKEN,
      timeoutMs: 1000,
      ...settings,
    },
  });
const anyChannel = { channels: { mode: 'any' } };
const report = (mail: TakenMail | undefined, said: MailReport, token = CALLBACK_TOKEN): Promise<Answer> => {
  if (!mail) throw new Error('no mail was taken');
  const headers = { 'content-type': 'message/rfc822' };
  return mc.tell('mail', 'relay', { query: { token }, headers, body: mailReport(mail, said) });
};
const noMailbox: MailReport = { action: 'failed', status: '5.1.1', diagnostic: '550 5.1.1 no mailbox of that name' };
const fullMailbox: MailReport = { action: 'failed', status: '5.2.2', diagnostic: '552 5.2.2 mailbox full' };

describe('a mail', () => {
  it('is sent when the server has queued it, and delivered once its report says so', async () => {
    await connect(mailbox.port, { dsn: 'success_and_failure' });
    const content = { title: '会议改到三点', text: 'See you.', html: '<p>See <b>you</b>.</p>' };
    const id = await mc.send(['li'], ['mail'], '', { content });
    await mc.untilStatuses(id, 'sent');
    const [mail] = mailbox.mails;
    expect(mail?.to).toEqual([ADDRESS]);
    expect(mail?.from).toMatch(/^bounce\+[a-z2-7]+@example\.com$/);
    expect(mail?.raw).toContain('multipart/alternative');
    expect(mail?.raw).toContain('<b>you</b>');

    const answer = await report(mail, { action: 'delivered', status: '2.1.5', diagnostic: '250 2.1.5 taken' });
    expect([answer.status, answer.text]).toEqual([200, 'taken\n']);
    expect(await mc.untilStatuses(id, 'delivered')).toMatchObject([{ provider: 'smtp', error: null }]);
  });

  it('that comes back fails, the next channel takes over, and a mailbox that does not exist is not used again', async () => {
    const id = await mc.send(['li'], [], 'urgent', anyChannel);
    await mc.untilStatuses(id, 'sent');
    expect((await report(mailbox.mails[0], noMailbox)).status).toBe(200);
    const [mail, portal] = await mc.untilStatuses(id, 'failed', 'delivered');
    expect([mail?.channel, mail?.error?.code, portal?.channel]).toEqual(['mail', '5.1.1', 'portal']);
    expect(await mc.suspended('li')).toMatchObject([{ channel: 'mail', suspended: { reason: '5.1.1' } }]);

    const next = await mc.send(['li'], [], 'urgent again', anyChannel);
    expect(await mc.untilStatuses(next, 'delivered')).toMatchObject([{ channel: 'portal' }]);
    expect(mailbox.mails).toHaveLength(1);
    await mc.person('li', { mail: ADDRESS });
    await mc.untilStatuses(await mc.send(['li'], ['mail'], 'hello'), 'sent');
  });

  it('to a full mailbox fails and keeps the address; one that is only late stays sent', async () => {
    const ids = [await mc.send(['li'], ['mail'], 'one'), await mc.send(['li'], ['mail'], 'two')];
    for (const id of ids) await mc.untilStatuses(id, 'sent');
    const mailOf = (text: string): TakenMail | undefined => mailbox.mails.find(({ raw }) => raw.includes(text));
    await report(mailOf('two'), { action: 'delayed', status: '4.4.1', diagnostic: '451 4.4.1 later' });
    await report(mailOf('one'), fullMailbox);
    expect(await mc.untilStatuses(ids[0] ?? '', 'failed')).toMatchObject([{ error: { code: '5.2.2' } }]);
    await mc.untilStatuses(ids[1] ?? '', 'sent');
    expect(await mc.suspended('li')).toEqual([]);
  });

  it('that a stranger calls undeliverable stays sent', async () => {
    const id = await mc.send(['li'], ['mail'], 'hello');
    await mc.untilStatuses(id, 'sent');
    expect((await report(mailbox.mails[0], noMailbox, 'not-the-callback-token')).status).toBe(403);
    expect(await mc.rows('SELECT 1 FROM receipt')).toEqual([]);
    expect([await mc.report(id), await mc.suspended('li')]).toMatchObject([[{ status: 'sent' }], []]);
  });

  it('that the server refuses at once fails with its words', async () => {
    await mc.person('gone', { mail: '550-5.1.1@dest.test' });
    const id = await mc.send(['gone', 'li'], ['mail'], 'hello');
    const [gone] = await mc.untilStatuses(id, 'failed', 'sent');
    expect(gone).toMatchObject({ error: { code: '550_5.1.1' }, attempts: [{ outcome: 'bad_recipient' }] });
    expect(await mc.suspended('gone')).toMatchObject([{ channel: 'mail', suspended: { reason: '550_5.1.1' } }]);
  });

  it('of which nobody knows whether the server took it is not sent twice, and counted', async () => {
    const script = await openSmtpScript({ BODY_ENDED: 'drop' });
    try {
      await connect(script.port);
      const before = await mc.metric('mc_unknown_outcomes_total');
      const id = await mc.send(['li'], ['mail'], 'hello');
      await mc.untilStatuses(id, 'unknown');
      expect(await mc.metric('mc_unknown_outcomes_total')).toBe(before + 1);
      await mc.passTime();
      expect([script.bodies.length, (await mc.report(id))[0]?.attempts.length]).toEqual([1, 1]);
    } finally {
      await script.close();
    }
  });
});

describe('a mail account', () => {
  it('whose password is wrong is stopped with an alarm, and the mail takes the other account', async () => {
    const strict = await openSmtpMailbox({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        done(password === PASSWORD ? null : new Error('5.7.8 no such login'), { user: username }),
    });
    try {
      const account = (id: string, port: number, weight: number, more: object = {}): object => ({
        id,
        provider: 'smtp',
        settings: { host: '127.0.0.1', port, from: 'notice@example.com', ...more },
        weight,
      });
      const login = { user: 'center', pass: 'mistyped-password' };
      const put = await mc.setUp('mail', account('first', strict.port, 1, login), account('second', mailbox.port, 0));
      const test = await mc.admin('POST', '/v1/channels/mail/test', { address: ADDRESS, accountId: 'first' });
      expect(test.body).toMatchObject({
        outcome: 'bad_config',
        provider: 'smtp',
        code: expect.stringMatching(/^535/),
        hint: { en: expect.stringContaining('password') },
      });
      const id = await mc.send(['li'], ['mail'], 'hello');
      const [item] = await mc.untilStatuses(id, 'sent');
      expect(item?.attempts.map(({ account: name, outcome }) => [name, outcome])).toEqual([
        ['mail:first', 'bad_config'],
        ['mail:second', 'ok'],
      ]);
      expect((await mc.openAlarms()).map(([kind, subject]) => [kind, subject])).toEqual([
        ['account_stopped', 'mail:first'],
      ]);
      const shown = await Promise.all(
        ['channels', 'alarms', 'audit-log', `messages/${id}/deliveries`].map((path) => mc.admin('GET', `/v1/${path}`)),
      );
      for (const { text } of [put, test, ...shown]) expect(text).not.toContain('mistyped-password');
      expect(put.body.providers[0].secretsSet).toEqual(['pass']);

      await mc.setUp(
        'mail',
        account('first', strict.port, 1, { ...login, pass: PASSWORD }),
        account('second', mailbox.port, 0),
      );
      await mc.untilStatuses(await mc.send(['li'], ['mail'], 'hello again'), 'sent');
      expect([strict.mails.length, mailbox.mails.length, await mc.openAlarms()]).toEqual([1, 1, []]);
    } finally {
      await mc.setUp('mail');
      await strict.close();
    }
  });
});
