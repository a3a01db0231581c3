import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { verifyDkim } from '../../../../test/support/fakes/smtp-dkim-verifier.js';
import { pythonWith } from '../../../../test/support/fakes/smtp-python.js';
import { openSmtpMailbox } from '../../../../test/support/fakes/smtp-mailbox.js';
import type { RenderedContent } from '../port/channel-provider.port.js';
import { SmtpFactory } from './smtp.factory.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** One mail as a receiver gets it. */
async function signedMail(content: RenderedContent, name = '张三'): Promise<string> {
  const box = await openSmtpMailbox();
  const provider = new SmtpFactory().create({
    id: 'a',
    channel: 'mail',
    provider: 'smtp',
    settings: {
      host: '127.0.0.1',
      port: box.port,
      from: 'notice@mc.test',
      bounceAddress: 'bounce@mc.test',
      dkimDomain: 'mc.test',
      dkimSelector: 's1',
      dkimPrivateKey: privateKey,
    },
  });
  await provider.send([outbound('a@x.test', { name, content })], new AbortController().signal);
  await provider.close();
  await box.close();
  return box.mails[0]?.raw ?? '';
}

describe('DKIM signature', () => {
  it.each([
    ['plain words', { title: 'Hello', text: 'words' }],
    ['Chinese words and HTML', { title: '会议通知', text: '明天十点', html: '<p>明天 <b>十点</b></p>' }],
    ['a long subject', { title: '很长的标题'.repeat(40), text: 'words' }],
    ['lines of dots, spaces and nothing', { title: 't', text: '.\r\n..\r\n  two  spaces \t \r\n\r\n.hidden\n\n\n\n' }],
    ['lines longer than SMTP allows', { title: 't', text: 'x'.repeat(5000) }],
    ['an empty body', { title: 'only a title' }],
  ])('of %s is right, and covers what a forger would change', async (_name, content) => {
    const signed = verifyDkim(await signedMail(content), publicKey);
    expect(signed).toEqual(expect.arrayContaining(['from', 'to', 'subject', 'date', 'message-id', 'content-type']));
  });

  it('is wrong as soon as a word of the mail changes', async () => {
    const raw = await signedMail({ title: 'Hello', text: 'pay 10' });
    expect(() => verifyDkim(raw.replace('pay 10', 'pay 99'), publicKey)).toThrow('body hash differs');
    expect(() => verifyDkim(raw.replace('Subject: Hello', 'Subject: Hallo'), publicKey)).toThrow('signature differs');
    expect(() => verifyDkim(raw.replace('notice@mc.test', 'other@mc.test'), publicKey)).toThrow('signature differs');
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    expect(() => verifyDkim(raw, stranger.export({ type: 'spki', format: 'pem' }).toString())).toThrow(
      'signature differs',
    );
  });

  it('is the one of the account: domain, selector', async () => {
    const raw = await signedMail({ title: 't', text: 'x' });
    expect(raw).toMatch(/^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=mc\.test;[^]*s=s1;/m);
  });
});

const python = pythonWith('dkim');
const title = python === undefined ? 'SKIPPED: python3 dkim is not installed' : 'python3 dkim';
const SCRIPT =
  'import sys, dkim; print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda *a, **k: sys.argv[1].encode()))';

(python === undefined ? describe.skip : describe)(
  `DKIM signature in the eyes of an independent verifier (${title})`,
  () => {
    const record = `v=DKIM1; k=rsa; p=${publicKey.replace(/-----[^-]+-----|\s/g, '')}`;
    const verdictOf = (raw: string): string =>
      spawnSync(python ?? '', ['-c', SCRIPT, record], { input: raw, encoding: 'utf8' }).stdout.trim();

    it('is right, and wrong where the mail was changed', async () => {
      const raw = await signedMail({ title: '会议通知', text: '.\r\n  two  spaces \r\n\r\n', html: '<p>明天</p>' });
      expect(verdictOf(raw)).toBe('True');
      expect(verdictOf(raw.replace(/^Date: .*$/m, 'Date: Thu, 01 Jan 1970 00:00:00 +0000'))).toBe('False');
    });
  },
);
