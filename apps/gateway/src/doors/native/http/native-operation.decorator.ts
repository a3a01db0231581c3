import { HttpCode, applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { Problem } from './problem.js';

/** Every code this door answers with, its status and what to do. */
const PROBLEMS = {
  invalid_request: [400, 'A field is missing, malformed or unknown: `errors` names each.'],
  unauthorized: [
    401,
    'The bearer token is missing, unknown, expired or revoked, or may not be used from this address.',
  ],
  forbidden: [403, 'The caller may not do this.'],
  not_found: [404, 'There is no such resource, or it belongs to somebody else.'],
  conflict: [409, 'It contradicts what is stored.'],
  body_too_large: [413, 'The body is larger than the call takes.'],
  rate_limited: [429, 'Too many calls, or too many wrong secrets: wait for `Retry-After` seconds.'],
  internal: [500, 'An unexpected failure: name the `requestId`.'],
  unavailable: [503, 'The database, the broker or a worker does not answer: try again shortly.'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface NativeOperationOptions {
  summary: string;
  description?: string;
  /** Of the successful answer; 200 unless given. */
  status?: number;
  /** An answer as it may look; null where it has no body. */
  example: unknown;
  /** Media type of the answer unless it is JSON. */
  produces?: string;
  /** Beside those every guarded call may answer: invalid_request, unauthorized, forbidden, rate_limited, internal. */
  problems?: readonly ProblemCode[];
  /** False for calls without a token. */
  isGuarded?: boolean;
}

const ALWAYS: readonly ProblemCode[] = ['invalid_request', 'rate_limited', 'internal', 'unavailable'];
const GUARDED: readonly ProblemCode[] = ['unauthorized', 'forbidden'];

/** Status and documentation of one operation: what it does, an example of its answer, its error table. */
export function NativeOperation(options: NativeOperationOptions): MethodDecorator {
  const { summary, description, status = 200, example, produces = 'application/json', problems = [] } = options;
  const codes = new Set([...ALWAYS, ...((options.isGuarded ?? true) ? GUARDED : []), ...problems]);
  const table = [...codes].map((code) => `| ${PROBLEMS[code][0]} | \`${code}\` | ${PROBLEMS[code][1]} |`);
  return applyDecorators(
    HttpCode(status),
    ApiExtraModels(Problem),
    ApiOperation({
      summary,
      description: `${description ?? ''}\n\n| status | code | when |\n|---|---|---|\n${table.sort().join('\n')}`.trim(),
    }),
    ApiResponse(
      example === null
        ? { status, description: STATUS_CODES[status] ?? '' }
        : {
            status,
            description: STATUS_CODES[status] ?? '',
            content: { [produces]: { schema: schemaOf(example), example } },
          },
    ),
    ...[...codes].map(problemResponse),
  );
}

const schemaOf = (example: unknown): { type: string } => ({
  type: Array.isArray(example) ? 'array' : typeof example === 'string' ? 'string' : 'object',
});

function problemResponse(code: ProblemCode): MethodDecorator {
  const [status, detail] = PROBLEMS[code];
  const example: Problem = {
    type: `urn:message-center:problem:${code}`,
    title: STATUS_CODES[status] ?? '',
    status,
    detail,
    code,
    requestId: 'b7f0c9f2-7c1e-4c58-9a6e-0a9d5b2f3c11',
  };
  return ApiResponse({
    status,
    description: `\`${code}\`: ${detail}`,
    content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) }, example } },
  });
}
