/**
 * As much of MIME as a bounce needs: header fields, the tree of parts, their text. Anybody on the Internet can write to
 * the bounce address, so everything here is bounded and nothing throws. That is why it is no library: mailparser 3.9.0 ends
 * the process on one nested address group and computes for minutes on a long list of addresses; see the spec.
 */

/** A bounce says what it has to say before the copy of the message; what comes later is not looked at. */
const READ_BYTES = 512 * 1024;
const MAX_PARTS = 100;
const MAX_DEPTH = 8;
const MAX_FIELDS = 200;
const MAX_FIELD_LENGTH = 4096;

export interface MailField {
  /** In lower case. */
  name: string;
  /** On one line. */
  value: string;
}

export interface MailPart {
  fields: readonly MailField[];
  /** Media type in lower case. */
  type: string;
  /** Children of a multipart. */
  parts: readonly MailPart[];
  /** As it came, one character a byte; empty for a multipart. */
  body: string;
}

export function readMail(raw: Buffer): MailPart {
  return readPart(raw.subarray(0, READ_BYTES).toString('latin1'), { partsLeft: MAX_PARTS }, 0);
}

/** The part and all below it, in their order. */
export const flatten = (part: MailPart): MailPart[] => [part, ...part.parts.flatMap(flatten)];

/** First value of the field, or an empty text. */
export const fieldOf = (fields: readonly MailField[], name: string): string =>
  fields.find((field) => field.name === name)?.value ?? '';

/** Header fields up to the first empty line. */
export function readFields(text: string): MailField[] {
  const lines: string[] = [];
  for (const line of headOf(text).split('\n')) {
    const last = lines.length - 1;
    if (!/^[ \t]/.test(line)) lines.push(line);
    else if (last >= 0 && (lines[last] ?? '').length < MAX_FIELD_LENGTH) lines[last] += line;
    if (lines.length > MAX_FIELDS) break;
  }
  return lines.flatMap((line) => {
    const field = /^([!-9;-~]{1,76})[ \t]*:([^]*)$/.exec(line.slice(0, MAX_FIELD_LENGTH));
    return field?.[1] === undefined
      ? []
      : [{ name: field[1].toLowerCase(), value: (field[2] ?? '').replace(/\s+/g, ' ').trim() }];
  });
}

/** The body with its transfer encoding undone; a charset nobody knows is read as UTF-8. */
export function textOf({ fields, body }: MailPart): string {
  const encoding = fieldOf(fields, 'content-transfer-encoding').toLowerCase();
  const bytes = Buffer.from(
    encoding === 'quoted-printable' ? fromQuotedPrintable(body) : body,
    encoding === 'base64' ? 'base64' : 'latin1',
  );
  return decoderOf(parameterOf(fieldOf(fields, 'content-type'), 'charset')).decode(bytes);
}

interface Budget {
  partsLeft: number;
}

function readPart(text: string, budget: Budget, depth: number): MailPart {
  const fields = readFields(text);
  const contentType = fieldOf(fields, 'content-type');
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(contentType)?.[0].toLowerCase() ?? 'text/plain';
  const body = text.slice(headOf(text).length).replace(/^\r?\n\r?\n?/, '');
  const boundary = parameterOf(contentType, 'boundary');
  if (!type.startsWith('multipart/') || boundary === '' || depth >= MAX_DEPTH) return { fields, type, parts: [], body };
  const parts: MailPart[] = [];
  for (const part of partsOf(body, boundary)) {
    if (budget.partsLeft-- <= 0) break;
    parts.push(readPart(part, budget, depth + 1));
  }
  return { fields, type, parts, body: '' };
}

/** Everything before the first empty line. */
function headOf(text: string): string {
  if (/^\r?\n/.test(text)) return '';
  const end = /\n\r?\n/.exec(text)?.index;
  return end === undefined ? text : text.slice(0, end);
}

/** Texts between the boundary lines; the last part needs none behind it, for bounces are cut off. */
function* partsOf(body: string, boundary: string): Generator<string> {
  const text = `\n${body}`;
  const marker = `\n--${boundary}`;
  let start: number | undefined;
  let at = text.indexOf(marker);
  while (at >= 0) {
    const lineEnd = text.indexOf('\n', at + 1);
    const rest = text.slice(at + marker.length, lineEnd < 0 ? text.length : lineEnd).trim();
    const isBoundary = rest === '' || rest === '--';
    if (isBoundary && start !== undefined) yield text.slice(start, at + 1);
    if (isBoundary) start = lineEnd + 1;
    if (rest === '--' || lineEnd < 0) return;
    at = text.indexOf(marker, lineEnd);
  }
  if (start !== undefined) yield text.slice(start);
}

const parameterOf = (value: string, name: string): string => {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]{0,200})"|([^\\s;"]{1,200}))`, 'i').exec(value);
  return match?.[1] ?? match?.[2] ?? '';
};

const fromQuotedPrintable = (text: string): string =>
  text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16)));

function decoderOf(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset === '' ? 'utf-8' : charset);
  } catch {
    return new TextDecoder();
  }
}
