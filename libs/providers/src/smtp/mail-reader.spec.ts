import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { fieldOf, flatten, readMail, textOf, type MailPart } from './mail-reader.js';

const read = (text: string): MailPart => readMail(Buffer.from(text, 'utf8'));
const folder = new URL('fixtures/', import.meta.url);

describe('reader of mails', () => {
  it('reads folded header fields, in any case, with either line end', () => {
    for (const end of ['\n', '\r\n']) {
      const { fields, body } = read(['Subject: one', '\ttwo', 'TO:a@x.test', 'no field', '', 'body', ''].join(end));
      expect(fields).toEqual([
        { name: 'subject', value: 'one two' },
        { name: 'to', value: 'a@x.test' },
      ]);
      expect(body).toBe(`body${end}`);
    }
  });

  it('reads parts within parts, to the end of a mail that was cut off', () => {
    const mail = read(
      'Content-Type: multipart/mixed; boundary="a b"\n\nprologue\n--a b\nContent-Type: multipart/alternative;\n boundary=in\n\n' +
        '--in\n\none\n--in  \nContent-Type: TEXT/html\n\ntwo\n--in--\nepilogue\n--a bc\n--a b\n\nthree',
    );
    expect(flatten(mail).map(({ type }) => type)).toEqual([
      'multipart/mixed',
      'multipart/alternative',
      'text/plain',
      'text/html',
      'text/plain',
    ]);
    expect(flatten(mail).map((part) => textOf(part).trim())).toEqual(['', '', 'one', 'two', 'three']);
  });

  it.each([
    ['7bit', 'utf-8', 'words', 'words'],
    ['8bit', 'utf-8', '没有', '没有'],
    ['quoted-printable', 'utf-8', '=E6=B2=A1=E6=9C=\n=89 =3D=zz', '没有 ==zz'],
    ['BASE64', 'gb18030', Buffer.from([0xc3, 0xbb, 0xd3, 0xd0]).toString('base64'), '没有'],
    ['base64', 'utf-8', '!!! broken', expect.any(String)],
    ['7bit', 'no-such-charset', '没有', '没有'],
    ['7bit', 'iso-2022-cn', 'words', 'words'],
    ['x-unknown', '', 'words', 'words'],
  ])('undoes %s in %s', (encoding, charset, body, expected) => {
    const mail = read(
      `Content-Type: text/plain; charset=${charset}\nContent-Transfer-Encoding: ${encoding}\n\n${body}`,
    );
    expect(textOf(mail)).toEqual(expected);
  });

  const samples = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  it.each(samples)('finds in %s what an independent parser finds', async (name) => {
    const raw = readFileSync(new URL(name, folder));
    const theirs = await simpleParser(raw, { keepDeliveryStatus: true, skipTextToHtml: true });
    const parts = flatten(readMail(raw));
    const ours = parts.map((part) => ({ type: part.type, text: textOf(part).replaceAll('\r\n', '\n').trim() }));
    for (const { contentType, content } of theirs.attachments.filter((part) => !part.contentType.startsWith('image/')))
      expect(ours).toContainEqual({
        type: contentType,
        text: content.toString('utf8').replaceAll('\r\n', '\n').trim(),
      });
    const text = ours.find(({ type }) => type === 'text/plain')?.text ?? '';
    // Theirs appends messages that stand inline.
    expect(theirs.text ?? '').toContain(text);
    const fields = parts[0]?.fields ?? [];
    expect(fieldOf(fields, 'message-id')).toBe(theirs.messageId ?? '');
    expect(new Set(fields.map((field) => field.name))).toEqual(new Set(theirs.headerLines.map(({ key }) => key)));
  });
});

describe('reader of hostile mails', () => {
  const size = 2 * 1024 * 1024;
  const fill = (text: string): string => text.repeat(Math.ceil(size / text.length));
  const nested = (count: number): string =>
    Array.from({ length: count }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`).join('');

  it.each([
    ['nothing', ''],
    ['one line', fill('x')],
    ['empty lines', fill('\n')],
    ['nested address groups', `To: ${fill('g:')}`],
    ['a long list of addresses', `To: ${fill('a@x.test, ')}`],
    ['endless folding', `Subject: x\n${fill(' y\n')}`],
    ['endless header fields', fill('X-Y: z\n')],
    [
      'names of a prototype',
      'Content-Type: text/plain; __proto__*0=1; constructor=2\n__proto__: x\nconstructor: y\n\nx',
    ],
    ['encoded words without end', `Subject: ${fill('=?utf-8?Q?')}`],
    ['endless parameters', `Content-Type: multipart/mixed; ${fill('boundary="')}\n\n`],
    ['spaces where a parameter should be', `Content-Type: multipart/mixed;${fill(' ')}`],
    ['ten thousand parts', `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(10_000)}`],
    ['a part a line', `Content-Type: multipart/mixed; boundary=b\n\n${fill('--b\n')}`],
    ['boundaries that are none', `Content-Type: multipart/mixed; boundary="-"\n\n${fill('-')}${fill('\n---x')}`],
    ['parts nested ten thousand deep', nested(10_000)],
    [
      'the same boundary at every level',
      `Content-Type: multipart/mixed; boundary=b\n\n${fill('--b\nContent-Type: multipart/mixed; boundary=b\n\n')}`,
    ],
    ['broken base64', `Content-Transfer-Encoding: base64\n\n${fill('=A')}`],
    ['broken quoted-printable', `Content-Transfer-Encoding: quoted-printable\n\n${fill('==\n=')}`],
    ['bytes of no charset', `Content-Type: text/plain; charset=utf-16\n\n${fill('\u0000\ud800')}`],
  ])('ends with %s, and answers no more than it may', (_name, text) => {
    const parts = flatten(readMail(Buffer.from(text, 'utf8')));
    expect(parts.length).toBeLessThanOrEqual(101);
    expect(depthOf(parts[0])).toBeLessThanOrEqual(9);
    for (const part of parts) {
      expect(part.fields.length).toBeLessThanOrEqual(201);
      for (const { value } of part.fields) expect(value.length).toBeLessThanOrEqual(4096);
      expect(textOf(part).length).toBeLessThanOrEqual(512 * 1024);
    }
  });
});

const depthOf = (part: MailPart | undefined): number => (part ? 1 + Math.max(0, ...part.parts.map(depthOf)) : 0);
