import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { PSP_CODES, type PspCode } from './psp.codes.js';
import type { PushConfigBody, PushMessageBody } from './psp.dto.js';
import { refusal, success } from './psp.envelope.js';

const TASK_ID = '0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c';
const EVERY_CALL: readonly PspCode[] = ['noAppkey', 'token', 'timestamp', 'forbidden', 'rate', 'internal'];

const HEADERS = [
  { name: 'appkey', description: 'appId of the client app, in any case.', example: '50e26c315270156df0000031' },
  {
    name: 'timestamp',
    description: 'Ms since 1970-01-01T00:00:00Z, at most 10 minutes off.',
    example: '1385321933302',
  },
  {
    name: 'validationtoken',
    description: 'Lower-case hex of md5(lower(appkey) + lower(appSecret) + timestamp).',
    example: 'a159e9f76ede3f18bf0a59495ad8bf97',
  },
].map((header) => ApiHeader({ ...header, required: true }));

/** The call with its headers, the example of its answer, and its refusals by HTTP status. */
const documented = (
  summary: string,
  description: string,
  example: object,
  codes: readonly PspCode[],
): MethodDecorator =>
  applyDecorators(
    ApiTags('psp'),
    ApiOperation({ summary, description }),
    ...HEADERS,
    ApiResponse({
      status: 200,
      content: { 'application/json': { schema: { type: 'object' }, example: success(example) } },
    }),
    ...refusals([...codes, ...EVERY_CALL]),
    ApiResponse({ status: 503, description: 'The service sheds load: try again after Retry-After seconds.' }),
  );

function refusals(codes: readonly PspCode[]): MethodDecorator[] {
  const byStatus = new Map<number, PspCode[]>();
  for (const code of codes) {
    const status = PSP_CODES[code][1];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return [...byStatus].map(([status, names]) =>
    ApiResponse({
      status,
      description: [
        '| error_code | when |',
        '|---|---|',
        ...names.map((name) => `| ${PSP_CODES[name][0]} | ${PSP_CODES[name][3]} |`),
      ].join('\n'),
      content: {
        'application/json': {
          schema: { type: 'object' },
          examples: Object.fromEntries(
            names.map((name) => [PSP_CODES[name][0], { value: refusal(name, PSP_CODES[name][2]) }]),
          ) as Record<string, { value: object }>,
        },
      },
    }),
  );
}

export const ApiPspPush = ({
  summary,
  description,
  body,
}: {
  summary: string;
  description: string;
  body: typeof PushMessageBody | typeof PushConfigBody;
}): MethodDecorator =>
  applyDecorators(
    documented(summary, description, { task_id: TASK_ID }, ['parameter', 'size', 'target']),
    ApiBody({ type: body, description: 'JSON, whatever the Content-Type says.' }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The same key with the same push within 24 h answers the same task. Extension.',
    }),
  );

const COUNTS = { total: 2, sent: 1, delivered: 1, failed: 1 };
const COUNTED =
  '`sent`: went out, those that arrived included; `delivered`: the device or its provider says that it arrived; `failed`: ended otherwise. They follow the devices within moments.';

export const ApiPspTask = (): MethodDecorator =>
  applyDecorators(
    documented(
      '查询推送任务',
      `Extension. ${COUNTED} \`total\` and \`failed\` count the users and org units that led to no device, too. \`devices\` are in the order of the fan-out, a page at a time.`,
      {
        task_id: TASK_ID,
        state: 'done',
        ...COUNTS,
        devices: [
          { device_token: 'd7f1a2b3c4', status: 'delivered' },
          { device_token: '', status: 'failed', error: 'no_device', user_id: 'u2' },
        ],
      },
      ['parameter', 'task'],
    ),
    ApiParam({ name: 'task_id', example: TASK_ID }),
    ApiQuery({ name: 'page', required: false, example: 1, description: 'From 1.' }),
    ApiQuery({
      name: 'size',
      required: false,
      example: 500,
      description: 'Devices of a page: 500 unless given, at most 1000.',
    }),
  );

export const ApiPspTagSums = (): MethodDecorator =>
  applyDecorators(
    documented(
      '按标签合并统计',
      `Extension. Sums up the app’s pushes of a tag, as far back as messages are kept; of more than 100,000 the newest (\`is_partial\`). ${COUNTED}`,
      { tag: 'flood-2026', tasks: 1, ...COUNTS },
      ['parameter'],
    ),
    ApiQuery({ name: 'tag', required: true, example: 'flood-2026' }),
  );
