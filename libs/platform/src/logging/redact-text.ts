import { SECRET_ENDINGS, SECRET_NAMES } from './secret-names.js';

/** What stands in the place of a value that must not be logged. */
export const REDACTED = '[redacted]';

/** Longest text one field may put into a log line, in characters. All patterns below are bounded by it. */
const MAX_TEXT = 4096;

const NAME = [
  `[\\w-]{0,40}(?:${SECRET_ENDINGS.join('|')})s?`,
  ...SECRET_NAMES.map((name) => [...name].join('[_-]?')),
].join('|');
/** A query or form parameter, wherever in a text it stands, plain or percent-encoded. */
const PARAMETER = new RegExp(`(?<=^|[^\\w-]|%[0-9a-f]{2})(${NAME})(=|%3d)[^&\\s"'<>#,;)\\]}]+`, 'gi');
/** A member with a text value in a piece of JSON. */
const JSON_MEMBER = new RegExp(`("(?:${NAME})"\\s{0,4}:\\s{0,4}")(?:[^"\\\\]|\\\\.)+`, 'gi');
/** The same where the JSON stands inside a text of another JSON. */
const ESCAPED_JSON_MEMBER = new RegExp(
  `(\\\\"(?:${NAME})\\\\"\\s{0,4}:\\s{0,4}\\\\")(?:[^"\\\\]|\\\\{3}"|\\\\{1,4}[^"\\\\])+`,
  'gi',
);
const HEADER = /\b(authorization|cookie|set-cookie)\s{0,4}:\s{0,4}[^\r\n"]+/gi;
const CREDENTIAL = /\b(Bearer|Basic)\s{1,4}[\w.~+/=:-]+/gi;
const USER_INFO = /:\/\/[^/\s@"'<>]{1,512}@/g;
/** Control characters that JSON leaves as they are and terminals obey (C1 with its CSI), line breaks and direction marks of Unicode. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** Without one of these no pattern above can match. */
const HAS_SEPARATOR = /[=:%]|bearer|basic/i;

/** A text without the values of known secret parameters, credentials and terminal control characters. */
export function redactText(text: string): string {
  const bounded = (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text).replace(UNSAFE, '\ufffd');
  if (!HAS_SEPARATOR.test(bounded)) return bounded;
  return bounded
    .replace(USER_INFO, `://${REDACTED}@`)
    .replace(HEADER, `$1: ${REDACTED}`)
    .replace(CREDENTIAL, `$1 ${REDACTED}`)
    .replace(PARAMETER, `$1$2${REDACTED}`)
    .replace(JSON_MEMBER, `$1${REDACTED}`)
    .replace(ESCAPED_JSON_MEMBER, `$1${REDACTED}`);
}

/** In a field `code` names an error; in an address it is a credential for one use, ours or of a sign-in. */
const CODE_PARAMETER = /([?&]code=)[^&#]+/gi;

/** A URL or path as it may be logged: user info and the values of secret query parameters are blanked. */
export const redactUrl = (url: string): string => redactText(url.replace(CODE_PARAMETER, `$1${REDACTED}`));
