import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bounceAddressOf } from './bounce-address.js';
import { receiptsOfMail } from './bounce-reader.js';

const REF = 'AZOq3kF8b2QAAAAQx1T9vQ7mRk2LwB-_YcE';
const settings = { from: 'notice@example.com', bounceAddress: 'bounce@example.com' };
const sample = (name: string): string => readFileSync(new URL(`fixtures/${name}.eml`, import.meta.url), 'latin1');
const read = (text: string, more = settings): ReturnType<typeof receiptsOfMail> =>
  receiptsOfMail(Buffer.from(text, 'latin1'), more);

const failed = { providerRef: REF, status: 'failed' };
const SAMPLES: [string, object[]][] = [
  [
    'postfix-user-unknown',
    [{ ...failed, code: '5.1.1', words: '550 5.1.1 <li.si@dest.test>: no mailbox of that name', isAddressDead: true }],
  ],
  [
    'exchange-mailbox-full',
    [{ ...failed, code: '5.2.2', words: '554 5.2.2 mailbox full; quota exceeded while storing' }],
  ],
  [
    'webmail-plain-envelope',
    [{ ...failed, code: '5.1.1', words: expect.stringContaining('not here'), isAddressDead: true }],
  ],
  ['postfix-delayed', []],
  ['postfix-given-up', [{ ...failed, code: '4.4.1', words: expect.stringContaining('timed out') }]],
  ['postfix-relayed', [{ providerRef: REF, status: 'delivered', code: '2.1.5', words: '250 2.1.5 taken' }]],
  ['forward-failed', [{ ...failed, code: '5.1.1', words: '550 5.1.1 unknown' }]],
  [
    'qmail-free-text',
    [{ ...failed, code: '5.1.1', words: 'Sorry, no mailbox here by that name. (#5.1.1)', isAddressDead: true }],
  ],
  ['exim-free-text', [{ ...failed, code: '5.2.2', words: '552 5.2.2 <li.si@dest.test> has no room left' }]],
  ['chinese-free-text', [{ ...failed, code: '5.1.1', words: '退信原因:550 5.1.1 收件人不存在', isAddressDead: true }]],
  ['complaint', [{ providerRef: REF, status: 'delivered', code: 'complaint', words: 'abuse', isAddressDead: true }]],
  ['holiday-notice', []],
];

describe('mail to the bounce address', () => {
  it.each(SAMPLES)('%s is understood, with either line end', (name, expected) => {
    const text = sample(name);
    expect(read(text)).toEqual(expected);
    expect(read(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  });

  it.each(SAMPLES)('%s is understood without return path, by what comes back of our mail', (name, expected) => {
    const text = sample(name).replaceAll(/bounce\+[a-z2-7]{42}@example\.com/gi, 'notice@example.com');
    expect(read(text, { from: settings.from } as typeof settings)).toEqual(expected);
  });

  it('names its delivery by the return path alone', () => {
    const text = sample('postfix-user-unknown')
      .slice(0, -1)
      .replaceAll(/^(?:message-id|return-path):.*$/gim, 'X-Y: z');
    expect(read(text)).toMatchObject([{ providerRef: REF }]);
    expect(read(text.replaceAll(/bounce\+/gi, 'BOUNCE+').replaceAll('@example.com', '@EXAMPLE.COM'))).toMatchObject([
      { providerRef: REF },
    ]);
  });

  it('names its delivery by the envelope id alone', () => {
    const text = sample('postfix-relayed')
      .replaceAll(/bounce\+[a-z2-7]{42}@/gi, 'someone@')
      .replaceAll(/^(?:message-id|x-entity-ref-id):.*$/gim, 'X-Y: z');
    expect(read(text)).toMatchObject([{ providerRef: REF, status: 'delivered' }]);
  });

  it('says nothing of mails that are not ours', () => {
    for (const [name] of SAMPLES) {
      const text = sample(name)
        .replaceAll(/example\.com/gi, 'example.org')
        .replace(/^Original-Envelope-Id:.*\n/m, '');
      expect(read(text)).toEqual([]);
    }
  });

  it.each([
    ['5.1.1', true],
    ['5.1.2', true],
    ['5.1.3', true],
    ['5.1.6', true],
    ['5.1.10', true],
    ['5.2.1', true],
    ['5.1.7', undefined],
    ['5.1.8', undefined],
    ['5.2.2', undefined],
    ['5.2.3', undefined],
    ['5.4.4', undefined],
    ['5.7.1', undefined],
    ['5.0.0', undefined],
    ['4.2.2', undefined],
    ['4.4.7', undefined],
  ])('failed with %s: the address is dead: %s', (code, isDead) => {
    const text = sample('postfix-user-unknown').replaceAll('5.1.1', code);
    expect(read(text)).toMatchObject([{ status: 'failed', code }]);
    expect(read(text)[0]?.isAddressDead).toBe(isDead);
  });

  it.each([
    ['failed', ['failed']],
    ['FAILED (given up)', ['failed']],
    ['delivered', ['delivered']],
    ['relayed', ['delivered']],
    ['expanded', ['delivered']],
    ['delayed', []],
    ['unheard-of', ['failed']],
  ])('action %s means %j', (action, expected) => {
    const text = sample('postfix-user-unknown').replace('Action: failed', `Action: ${action}`);
    expect(read(text).map(({ status }) => status)).toEqual(expected);
  });

  it('believes the precise code of the remote server rather than x.0.0, and its own rather than none', () => {
    const text = sample('postfix-user-unknown');
    for (const status of ['Status: 5.0.0', 'Status: none', 'X-Y: z'])
      expect(read(text.replace('Status: 5.1.1', status))).toMatchObject([{ code: '5.1.1', isAddressDead: true }]);
    expect(read(text.replace('Status: 5.1.1', 'Status: 5.4.4'))).toMatchObject([{ code: '5.4.4' }]);
  });

  it('reports every recipient that a list made of ours, up to twenty', () => {
    const group = (n: number): string => `\nFinal-Recipient: rfc822; u${n}@x.test\nAction: failed\nStatus: 5.1.1\n`;
    const many = Array.from({ length: 50 }, (_, n) => group(n)).join('');
    const text = sample('postfix-user-unknown').replace('\nFinal-Recipient:', `${many}\nFinal-Recipient:`);
    expect(read(text)).toHaveLength(20);
    expect(read(text).every((receipt) => receipt.isAddressDead === undefined)).toBe(true);
  });

  it.each(['not-spam', 'auth-failure', 'virus', ''])('a feedback report of kind %j is no complaint', (kind) => {
    expect(read(sample('complaint').replace('Feedback-Type: abuse', `Feedback-Type: ${kind}`))).toEqual([]);
  });

  it.each([
    ['an answer of a person', 'From: li.si@dest.test', ''],
    ['an automatic answer of a mail server', 'From: postmaster@dest.test', 'Auto-Submitted: auto-replied\n'],
    ['a mailing list', 'From: postmaster@dest.test', 'Precedence: list\n'],
    ['a vacation program', 'From: postmaster@dest.test', 'X-Autoreply: yes\n'],
  ])('%s is no bounce, whatever codes stand in it', (_name, from, more) => {
    const to = bounceAddressOf(REF, settings.bounceAddress);
    expect(read(`${from}\nTo: ${to}\n${more}\n550 5.1.1 no such user\n`)).toEqual([]);
    expect(read(`From: MAILER-DAEMON@dest.test\nTo: ${to}\n\n550 5.1.1 no such user\n`)).toHaveLength(1);
  });

  it.each(['warning: 451 4.4.1 still trying', 'it failed, no code', ''])('free text %j proves no failure', (words) => {
    const to = bounceAddressOf(REF, settings.bounceAddress);
    expect(read(`From: MAILER-DAEMON@dest.test\nTo: ${to}\n\n${words}\n`)).toEqual([]);
  });

  it('survives a mail cut off anywhere', () => {
    for (const [name] of SAMPLES) {
      const text = sample(name);
      for (let length = 0; length < text.length; length += 7)
        for (const { providerRef } of read(text.slice(0, length))) expect(providerRef).toBe(REF);
    }
  });

  it.each([
    ['hostile status', `Content-Type: message/delivery-status\n\n${'\n \n'.repeat(300_000)}`],
    [
      'a status of one line',
      `Content-Type: message/delivery-status\n\nAction: failed\nStatus: ${'5.'.repeat(300_000)}`,
    ],
    ['a free text of codes', `From: mailer-daemon\n\n${'550 '.repeat(150_000)}`],
    ['a free text of brackets', `From: mailer-daemon\nTo: ${'<'.repeat(4000)}\n\n${'message-id: <'.repeat(40_000)}`],
    ['return paths without end', `From: mailer-daemon\nTo: ${'bounce+'.repeat(500)}\n\n550 5.1.1`],
  ])('says nothing of %s', (_name, text) => {
    expect(read(text)).toEqual([]);
  });
});
