import { createHash, createVerify } from 'node:crypto';

/**
 * What a receiver makes of a DKIM signature (RFC 6376, rsa-sha256, relaxed/relaxed), written from the RFC with node:crypto.
 * Answers the signed header fields in the order of `h=`, or throws with what does not fit.
 *
 * @param raw the mail as it came over the wire, with CRLF
 * @param publicKey PEM, in place of the DNS record
 */
export function verifyDkim(raw: string, publicKey: string): string[] {
  const end = raw.indexOf('\r\n\r\n');
  const fields = raw.slice(0, end).split(/\r\n(?![ \t])/);
  const signature = fields.find((field) => /^dkim-signature:/i.test(field));
  if (end < 0 || signature === undefined) throw new Error('no signature');
  const tags = tagsOf(signature);
  if (tags.a !== 'rsa-sha256' || tags.c !== 'relaxed/relaxed') throw new Error(`cannot verify ${tags.a} ${tags.c}`);

  const bodyHash = createHash('sha256')
    .update(relaxedBody(raw.slice(end + 4)))
    .digest('base64');
  if (bodyHash !== tags.bh) throw new Error('body hash differs');

  const names = (tags.h ?? '').split(':').map((name) => name.trim().toLowerCase());
  // Of fields that stand more than once the last one is signed first (§5.4.2); a name without a field counts as nothing.
  const left = fields.toReversed();
  const signed = names.flatMap((name) => {
    const index = left.findIndex((field) => field.slice(0, field.indexOf(':')).trim().toLowerCase() === name);
    return index < 0 ? [] : left.splice(index, 1);
  });
  const data =
    signed.map((field) => `${relaxedField(field)}\r\n`).join('') +
    relaxedField(signature.replace(/([;:]\s*b\s*=)[^;]*/, '$1'));
  const isRight = createVerify('rsa-sha256')
    .update(data)
    .verify(publicKey, tags.b ?? '', 'base64');
  if (!isRight) throw new Error('signature differs');
  return names;
}

const tagsOf = (field: string): Record<string, string> =>
  Object.fromEntries(
    field
      .slice(field.indexOf(':') + 1)
      .split(';')
      .map((tag) => [tag.slice(0, tag.indexOf('=')).trim(), tag.slice(tag.indexOf('=') + 1).replace(/\s+/g, '')]),
  ) as Record<string, string>;

/** §3.4.2 */
function relaxedField(field: string): string {
  const colon = field.indexOf(':');
  const value = field
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** §3.4.4 */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}
