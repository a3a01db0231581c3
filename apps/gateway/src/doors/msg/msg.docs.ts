import { applyDecorators } from '@nestjs/common';
import { ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IntakeError } from '../../intake/intake-error.js';
import { MSG_CODE, TOKEN_REFUSED, TOO_FREQUENT, toMsgFailure } from './msg.error.js';

/** An example id of a message. */
export const REF_NO = '0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c';

const MEANING: Readonly<Record<keyof typeof MSG_CODE, string>> = {
  done: 'done',
  token: 'access_token missing, unknown, expired, revoked, or IP not allowed',
  parameter: 'a parameter is missing or malformed (named), or the body too large',
  channelUnknown: 'channel unknown',
  template: 'template unknown, no content for the named channel, or a placeholder without a param (named)',
  tag: 'tag unknown',
  reference: 'ref_no unknown, or another app’s',
  recipient: 'uid unknown, or no address on the asked channel',
  sensitiveWord: 'the text holds a sensitive word',
  channelClosed: 'channel not open to this app, or switched off',
  rate: 'the app’s rate or quota',
  internal: 'internal, with requestId',
};

/** What a caller reads, word for word where the words do not depend on the call. */
const refused = (error: IntakeError): string => toMsgFailure(error, '').body.message;
const MESSAGE: Readonly<Record<keyof typeof MSG_CODE, string>> = {
  done: '',
  token: TOKEN_REFUSED,
  parameter: '参数 uid 缺失或格式不正确（必填）',
  channelUnknown: '渠道 fax 不存在',
  template: refused(new IntakeError('template_unknown', '')),
  tag: refused(new IntakeError('tag_unknown', '')),
  reference: `ref_no 不存在（例：${REF_NO}）`,
  recipient: refused(new IntakeError('recipient_unknown', '')),
  sensitiveWord: refused(new IntakeError('sensitive_word', '')),
  channelClosed: refused(new IntakeError('channel_closed', '', 'channels', { channel: 'sms' })),
  rate: TOO_FREQUENT,
  internal: toMsgFailure(null, '0f3c9b2e').body.message,
};

export const ApiMsgToken = (): MethodDecorator =>
  applyDecorators(ApiQuery({ name: 'access_token', required: true, example: '3f0c1d8e-6c1b-4b9e-8d55-0a4c5f1f9b12' }));

/** The answer with its example and the table of the codes this call can answer. HTTP is always 200 (503: shedding load). */
export const ApiMsgAnswer = (example: object, codes: (keyof typeof MSG_CODE)[]): MethodDecorator =>
  applyDecorators(
    ApiTags('msg'),
    ApiResponse({
      status: 200,
      description: [
        '| code | when |',
        '|---|---|',
        `| 0 | done |`,
        ...codes.map((name) => `| ${MSG_CODE[name]} | ${MEANING[name]} |`),
      ].join('\n'),
      content: {
        'application/json': {
          schema: { type: 'object' },
          examples: {
            done: { value: example },
            ...Object.fromEntries(
              codes.map((name) => [
                String(MSG_CODE[name]),
                { value: { code: MSG_CODE[name], message: MESSAGE[name] } },
              ]),
            ),
          },
        },
      },
    }),
    ApiResponse({ status: 503, description: 'The service sheds load: try again after Retry-After seconds.' }),
  );
