import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { RELAY_CODES, type RelayCode } from './relay.codes.js';
import { done, refusal } from './relay.envelope.js';

const MD5_ID = '5f8831aa46c5a6989ffbff1132430812';
const PERSON = { nickname: '昵称', icon: 'http://xxx.jpg' };
const MESSAGE = { ...PERSON, content: "what's up man!", redirect: 'http://xxx', type: '0' };
const ENTRY = {
  time: 1449024499,
  content: MESSAGE.content,
  md5_id: MD5_ID,
  ...PERSON,
  redirect: 'http://xxx',
  type: '0',
};

const PARAMETERS = [
  {
    name: 'token',
    required: true,
    description: 'Secret of the caller; `md5_id` is its MD5.',
    example: 'the-secret-token-it-was-given',
  },
  { name: 'type', required: true, enum: ['message', 'blacklist'] },
  { name: 'do', required: true, enum: ['set', 'get', 'del'], description: '`set` by POST only.' },
  {
    name: 'md5_id',
    required: false,
    description: 'Receiver of the message; whom to block or unblock.',
    example: MD5_ID,
  },
  {
    name: 'key',
    required: false,
    description: '`message get` of an admin: drains the customer-service mailbox of the key.',
    example: 'admins',
  },
  {
    name: 'again',
    required: false,
    enum: ['1'],
    description: '`message get`: the batch pulled last, once more, for 10 minutes.',
  },
];

const answers = (examples: Record<string, object>, codes: readonly RelayCode[]): MethodDecorator =>
  ApiResponse({
    status: 200,
    description: [
      '| code | error | when |',
      '|---|---|---|',
      ...codes.map((code) => `| ${RELAY_CODES[code].join(' | ')} |`),
    ].join('\n'),
    content: {
      'application/json': {
        schema: { type: 'object' },
        examples: Object.fromEntries([
          ...Object.entries(examples).map(([name, value]) => [name, { value }]),
          ...codes.map((code) => [RELAY_CODES[code][0], { value: refusal(code) }]),
        ]) as Record<string, { value: object }>,
      },
    },
  });

const common = (summary: string, description: string): MethodDecorator =>
  applyDecorators(ApiOperation({ summary, description }), ...PARAMETERS.map((parameter) => ApiQuery(parameter)));

export const ApiRelayRead = (): MethodDecorator =>
  applyDecorators(
    common(
      '接收消息；获取、清空、删除黑名单',
      [
        '`type=message&do=get` empties the mailbox into the answer, oldest first. What an answer lost on its way held comes once more with `again=1`.',
        '`type=message&do=del` throws away what waits. `type=blacklist&do=get` lists whom the caller blocked, `do=del` unblocks `md5_id`, or everybody without it.',
        'Messages expire 3 days after they were sent. HEAD and prefetches do nothing.',
      ].join('\n\n'),
    ),
    answers(
      {
        messages: done([ENTRY]),
        nothing: done(),
        'with key': done([{ ...ENTRY, to_md5_id: '7c4a8d09ca3762af61e59520943dc264' }]),
        'black list': done([{ md5_id: MD5_ID, ...PERSON }]),
      },
      ['parameter', 'internal'],
    ),
  );

export const ApiRelayWrite = (): MethodDecorator =>
  applyDecorators(
    common(
      '发送消息；加入黑名单',
      [
        '`type=message&do=set` relays the body to `md5_id`: admins write to anybody, users answer those who wrote to them within 3 days. An answer of a user without `redirect` gets that of the message it answers; a message of an admin has its own or none.',
        '`type=blacklist&do=set` puts `md5_id` on the caller’s black list (at most 5,000 entries), shown as the body says.',
        'The calls of GET may be POSTed, too.',
      ].join('\n\n'),
    ),
    ApiBody({
      description: 'JSON, whatever the Content-Type says.',
      required: false,
      schema: {
        type: 'object',
        properties: {
          content: { type: 'string', minLength: 1, maxLength: 2000, description: 'Of a message: required.' },
          nickname: { type: 'string', maxLength: 64 },
          icon: { type: 'string', maxLength: 1024, description: 'A URL.' },
          redirect: { type: 'string', maxLength: 1024, description: 'A URL.' },
          type: { oneOf: [{ type: 'string', maxLength: 64 }, { type: 'number' }] },
        },
      },
      examples: { message: { value: MESSAGE }, 'black list': { value: PERSON } },
    }),
    answers({ done: done() }, ['parameter', 'internal', 'blocked', 'mailboxFull', 'tooFrequent']),
  );
