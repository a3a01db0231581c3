import { HttpCode, applyDecorators } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath, type ApiOperationOptions } from '@nestjs/swagger';
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
  /** Of a call that reads its body by itself; that of a parameter with `@Body()` documents itself. */
  requestBody?: NonNullable<ApiOperationOptions['requestBody']>;
  /**
   * Beside those every guarded call may answer: invalid_request, unauthorized, forbidden, rate_limited, internal; and
   * body_too_large of every call with a body.
   */
  problems?: readonly ProblemCode[];
  /** False for calls without a token. */
  isGuarded?: boolean;
}

const ALWAYS: readonly ProblemCode[] = ['invalid_request', 'rate_limited', 'internal', 'unavailable'];
const GUARDED: readonly ProblemCode[] = ['unauthorized', 'forbidden'];

/** Status and documentation of one operation: what it does, an example of its answer, its error table. */
export function NativeOperation(options: NativeOperationOptions): MethodDecorator {
  // Decorators of parameters come first, so what the method takes is known here.
  return (target, name, descriptor) => {
    const hasBody = options.requestBody !== undefined || hasBodyParameter(target, name);
    decoratorOf(options, hasBody)(target, name, descriptor);
  };
}

function hasBodyParameter({ constructor }: object, name: string | symbol): boolean {
  const parameters = Reflect.getMetadata(ROUTE_ARGS_METADATA, constructor, name) as Record<string, unknown> | undefined;
  return Object.keys(parameters ?? {}).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`));
}

function decoratorOf(options: NativeOperationOptions, hasBody: boolean): MethodDecorator {
  const { summary, description, status = 200, example, produces = 'application/json' } = options;
  const codes = codesOf(options, hasBody);
  const table = codes.map((code) => `| ${PROBLEMS[code][0]} | \`${code}\` | ${PROBLEMS[code][1]} |`);
  return applyDecorators(
    HttpCode(status),
    ApiExtraModels(Problem),
    ApiOperation({
      summary,
      ...(options.requestBody && { requestBody: options.requestBody }),
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
    ...codes.map(problemResponse),
  );
}

function codesOf({ problems = [], isGuarded = true }: NativeOperationOptions, hasBody: boolean): ProblemCode[] {
  const ofBody: readonly ProblemCode[] = hasBody ? ['body_too_large'] : [];
  return [...new Set([...ALWAYS, ...(isGuarded ? GUARDED : []), ...ofBody, ...problems])];
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
