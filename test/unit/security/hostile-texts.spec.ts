import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import {
  SensitiveWordMatcher,
  checkAddress,
  hasBadUnicode,
  hasControlCharacter,
  hasSmsSignatureBrackets,
  hasTooManyTags,
  htmlToText,
  httpUrlProblem,
  isUserId,
  oneLine,
  pageHtmlOf,
  parseTemplate,
  previewText,
  sanitizeMessageHtml,
  sensitiveWordProblem,
  smsSegments,
} from '#content';
import { AppError, CHANNELS } from '#contracts';
import { clientIp, foldIp, IpRanges, isIpRange, isLoopbackHost, pathAndQuery, redactUrl } from '#platform';
import { decodeBase64 } from '../../../apps/gateway/src/doors/im/im.payload.js';
import { ImError } from '../../../apps/gateway/src/doors/im/im.error.js';
import { queryNumber, queryText } from '../../../apps/gateway/src/doors/im/im.query.js';
import { readLastMsgSeqs } from '../../../apps/gateway/src/doors/im/last-msg-seqs.js';
import { addressChannel, channelChoice } from '../../../apps/gateway/src/doors/msg/channel-words.js';
import { MsgError } from '../../../apps/gateway/src/doors/msg/msg.error.js';
import { instantProblem } from '../../../apps/gateway/src/doors/native/http/instant.js';
import { idempotencyOf } from '../../../apps/gateway/src/doors/native/messages/idempotency.js';
import { addressesProblem, devicesProblem } from '../../../apps/gateway/src/doors/native/messages/send-checks.js';
import { csvCell } from '../../../apps/gateway/src/doors/native/reports/csv.js';
import { channelWords } from '../../../apps/gateway/src/doors/platform/platform-channels.service.js';
import { givenBy } from '../../../apps/gateway/src/doors/platform/platform.body.js';
import { PlatformError } from '../../../apps/gateway/src/doors/platform/platform.error.js';
import { integer, link, text } from '../../../apps/gateway/src/doors/platform/platform.parameters.js';
import { WallClock } from '../../../apps/gateway/src/doors/platform/wall-clock.js';
import { filledText, valuesFor } from '../../../apps/gateway/src/doors/platform/wechat/template-text.js';
import { CARD_MESSAGE } from '../../../apps/gateway/src/doors/platform/wecom/card-message.parameters.js';
import { PspError } from '../../../apps/gateway/src/doors/psp/psp.error.js';
import { idempotencyOf as pspIdempotencyOf } from '../../../apps/gateway/src/doors/psp/psp.idempotency.js';
import { readSignedCall } from '../../../apps/gateway/src/doors/psp/psp.signature.js';
import { targetOf } from '../../../apps/gateway/src/doors/psp/push-target.js';
import { readMessage, readPerson } from '../../../apps/gateway/src/doors/relay/relay.body.js';
import { RelayError } from '../../../apps/gateway/src/doors/relay/relay.codes.js';
import { BodyError, RawBody } from '../../../apps/gateway/src/http/raw-body.js';
import { findCookie } from '../../../apps/gateway/src/http/cookies.js';
import { requestIdOf } from '../../../apps/gateway/src/http/request-id.js';
import { preferredLanguage } from '../../../apps/gateway/src/web/portal/page/language.js';
import { linkify } from '../../../apps/gateway/src/web/portal/page/linkify.js';
import { portalPath } from '../../../apps/gateway/src/web/portal/sign-in/portal-path.js';
import { JsonRpcError, readCall } from '../../../apps/im-sync/src/realtime/json-rpc/json-rpc-reader.js';
import { receiptsOfMail } from '../../../libs/providers/src/smtp/bounce-reader.js';
import { readPushedList } from '../../../libs/providers/src/sms/pushed-list.js';

const LENGTH = 100_000;
/** For all texts of one reader together. No measure of speed: it ends what would not end; readers need a hundredth of it. */
const HANGS_MS = 40_000;

/** What a text is made of. Each is repeated, and then again with an end that makes a match fail late. */
const UNITS = [
  ...[
    'a',
    '0',
    ' ',
    '\n',
    '\r\n',
    ' \t',
    '.',
    '@',
    ':',
    '/',
    '-',
    ',',
    '|',
    '=',
    '+',
    '%',
    '%2',
    '"',
    '\\',
    '\\"',
    '#',
  ],
  ...[
    '[',
    '[[{',
    '{',
    '{{',
    '{{a',
    '{{a.DATA',
    '}',
    '<',
    '<a ',
    '<b>',
    '<!--',
    '<a href="',
    '&#',
    '&lt',
    '<p style="a:',
  ],
  ...[
    'a.',
    'a@',
    'a@b.',
    '1.',
    '::',
    '0:',
    'a=b&',
    'q=1;',
    ', }',
    'http://',
    'https://a@',
    '--\r\n',
    'Bearer ',
    'token=',
  ],
  ...['authorization: ', '\u3000', '\u0301', '\u{1f600}', '\ud800', '一', '【', '5.', '(5.1.1', 'id:'],
];
const ENDS = ['', '\0'];

const HOSTILE = UNITS.flatMap((unit) =>
  ENDS.map((end) => [JSON.stringify(unit) + end, unit.repeat(Math.ceil(LENGTH / unit.length)) + end] as const),
);

const bytesOf = (written: string): RawBody => new RawBody(Buffer.from(written));
const headed = (name: string, value: string): { headers: Record<string, string> } => ({ headers: { [name]: value } });
const json = (value: unknown): RawBody => bytesOf(JSON.stringify(value));

/** Who reads a text, with what the text stands behind, and what may be thrown. */
interface Reader {
  read: (hostile: string) => unknown;
  /** The text also comes behind each of them, where a reader looks no further without. */
  after?: readonly string[];
  throws?: readonly (new (...args: never[]) => Error)[];
}

const about = { about: '', example: '' };
const clock = new WallClock({ TZ_PLATFORM: 'Asia/Shanghai' });
const words = SensitiveWordMatcher.build(['aaaaaaaab', '0.0', '一一二']);
const proxies = new IpRanges(['127.0.0.0/8']);

const READERS: Record<string, Reader> = {
  ...Object.fromEntries(
    CHANNELS.map((channel) => [
      `an address of ${channel}`,
      { read: (hostile: string) => checkAddress(channel, hostile), after: ['a@', '+86138', 'https://a'] },
    ]),
  ),
  'a URL': { read: httpUrlProblem, after: ['https://', 'https://a.b/?'] },
  'a user id': { read: isUserId },
  'a text': {
    read: (hostile) => [
      hasBadUnicode(hostile),
      hasControlCharacter(hostile),
      hasSmsSignatureBrackets(hostile),
      oneLine(hostile),
    ],
  },
  'an SMS': { read: smsSegments },
  'a template': { read: (hostile) => [parseTemplate(hostile), previewText(hostile, {})] },
  'a text that is searched for sensitive words': {
    read: (hostile) => [words.find(hostile), sensitiveWordProblem(hostile)],
  },
  HTML: {
    read: (hostile) =>
      hasTooManyTags(hostile) || [
        sanitizeMessageHtml(hostile),
        htmlToText(hostile),
        pageHtmlOf(hostile, 'x', () => null),
      ],
    after: ['<p style="'],
  },
  'a line of the log': { read: redactUrl, after: ['/a?code='] },
  'an IP address': {
    read: (hostile) => [
      foldIp(hostile),
      isIpRange(hostile),
      isLoopbackHost(hostile),
      clientIp('127.0.0.1', hostile, proxies),
    ],
    after: ['::ffff:', '10.0.0.0/'],
  },
  'the target of a request': { read: pathAndQuery, after: ['http://', '/a?'] },
  'headers of every door': {
    read: (hostile) => [requestIdOf(headed('x-request-id', hostile)), findCookie(headed('cookie', hostile), 'mc')],
  },
  'pages of the portal': {
    read: (hostile) => [preferredLanguage(hostile), linkify(hostile), portalPath(hostile)],
    after: ['/portal'],
  },
  'door native, a time': { read: instantProblem, after: ['2026-03-01T08:00:00.'] },
  'door native, an idempotency key': { read: (hostile) => idempotencyOf(hostile, {}), throws: [AppError] },
  'door native, receivers': {
    read: (hostile) => [devicesProblem([hostile]), addressesProblem([{ channel: 'mail', address: hostile }])],
  },
  'door native, a cell of a report': { read: csvCell },
  'door msg, words for channels': {
    read: (hostile) => [addressChannel(hostile), channelChoice(hostile)],
    throws: [MsgError, AppError],
  },
  'door platform, a body': {
    read: (hostile) => givenBy({ raw: { url: `/a?${hostile}` } as never, body: bytesOf(hostile) }),
    after: ['{', '--', '--a\r\ncontent-disposition'],
    throws: [PlatformError, BodyError],
  },
  'door platform, channels': { read: (hostile) => channelWords('sendChannel', hostile), throws: [PlatformError] },
  'door platform, a time': { read: (hostile) => clock.parse(hostile), after: ['2026-01-05 08:00:00'] },
  'door platform, a number': {
    read: (hostile) => integer({ ...about, from: 0, to: 9 }).read('n', hostile),
    throws: [PlatformError],
  },
  'door platform, a text': {
    read: (hostile) => text({ ...about, max: 9 }).read('n', hostile),
    throws: [PlatformError],
  },
  'door platform, a link': {
    read: (hostile) => link({ ...about, max: LENGTH * 2 }).read('n', hostile),
    after: ['https://a'],
    throws: [PlatformError],
  },
  'door platform, a template of WeChat': {
    read: (hostile) => [valuesFor(hostile, new Map()), filledText(hostile, {})],
    after: ['{{'],
  },
  'door platform, users of WeCom': {
    read: (hostile) => CARD_MESSAGE.userList.read('userList', hostile),
    throws: [PlatformError],
  },
  'door psp, devices': {
    read: (hostile) => targetOf({ type: 'groupcast', device_tokens: hostile }),
    throws: [PspError],
  },
  'door psp, users': { read: (hostile) => targetOf({ type: 'groupcast', user_ids: hostile }), throws: [PspError] },
  'door psp, an idempotency key': { read: (hostile) => pspIdempotencyOf(hostile, {}), throws: [PspError] },
  'door psp, a signed call': {
    read: (hostile) => readSignedCall({ appkey: hostile, validationtoken: hostile, timestamp: hostile }),
    throws: [PspError],
  },
  'door im, a payload': { read: decodeBase64 },
  'door im, positions in channels': { read: readLastMsgSeqs, after: ['a:1:'] },
  'door im, parameters of a query': {
    read: (hostile) => [queryText('a', hostile), queryNumber('a', hostile)],
    throws: [ImError],
  },
  'door im, a call over WebSocket': { read: readCall, after: ['{"method":"'], throws: [JsonRpcError] },
  'door im, a payload over WebSocket': {
    read: (hostile) => readCall(JSON.stringify({ method: 'send', id: '1', params: { payload: hostile } })),
    throws: [JsonRpcError],
  },
  'door im, an acknowledgement over WebSocket': {
    read: (hostile) => readCall(JSON.stringify({ method: 'recvack', params: { messageId: hostile } })),
    throws: [JsonRpcError],
  },
  'door relay, a body': {
    read: (hostile) => readMessage(bytesOf(hostile)),
    after: ['{"content":"a"'],
    throws: [RelayError, BodyError],
  },
  'door relay, an address': {
    read: (hostile) => readPerson(json({ icon: hostile })),
    after: ['a', 'a://'],
    throws: [RelayError],
  },
  'a bounced mail': {
    read: (hostile) =>
      receiptsOfMail(Buffer.from(hostile), { from: 'a@example.com', bounceAddress: 'bounce@example.com' }),
    after: ['From: mailer-daemon@a\r\n\r\n', 'Content-Type: multipart/report; boundary='],
  },
  'a receipt of a vendor': {
    read: (hostile) => readPushedList(Buffer.from(hostile)),
    after: ['[{"a":1234567890123456789,"b":"'],
  },
};

/** Everything that happened and may not, by the text: what was thrown that is no answer, or that the reading did not end. */
function mishaps({ read, after = [], throws = [] }: Reader): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  let at = '';
  const readAll = (): void => {
    for (const before of ['', ...after]) {
      for (const [name, hostile] of HOSTILE) {
        at = `${before} ${name}`;
        try {
          read(before + hostile);
        } catch (error) {
          if (!throws.some((kind) => error instanceof kind)) found[at] = error;
        }
      }
    }
  };
  try {
    // Unlike a plain call this can be broken off, also inside a regular expression.
    runInNewContext('readAll()', { readAll }, { timeout: HANGS_MS });
  } catch (error) {
    found[at] = error;
  }
  return found;
}

describe('a hostile text of 100 kB', () => {
  it.each(Object.entries(READERS))('is answered or refused in order as %s', (_name, reader) => {
    expect(mishaps(reader)).toEqual({});
  });
});
