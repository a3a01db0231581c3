import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { meaningOf, rspCodeOf, rspMsgOf, type PlatformCode } from './platform.codes.js';
import { refusal, type PlatformAnswer } from './platform.envelope.js';
import { optional, text, type Parameter, type Parameters } from './platform.parameters.js';

/** An example id of a message. */
export const MSG_ID = '0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c';

/** Optional to the reader: that it is missing is answered like any other token that opens nothing. */
export const TOKEN = optional(text({ about: '平台通行凭证', example: '86988ae9-077c-4a3f-807d-39840403efc3' }));

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

export interface PlatformCallDocs {
  summary: string;
  description?: string;
  /** Without the token, which every call but the open ones takes. */
  parameters: Parameters;
  /** How the published interface sends them; any of the three is taken. */
  carries: 'query' | 'form' | 'json';
  /** The whole answer as it may look. */
  example: PlatformAnswer<unknown>;
  /** Beside those every call may answer: 500001, 500003, 999999. */
  codes?: readonly PlatformCode[];
  isOpen?: boolean;
  hasDebug?: boolean;
}

/** The call with its parameters, an example of its answer and the table of the codes it can answer. */
export function documented(call: PlatformCallDocs): MethodDecorator {
  const parameters = Object.entries(call.isOpen ? call.parameters : { token: TOKEN, ...call.parameters });
  return applyDecorators(
    ApiOperation({ summary: call.summary, ...(call.description ? { description: call.description } : {}) }),
    ...(call.carries === 'query' ? parameters.map(inQuery) : inBody(parameters, call.carries)),
    ApiResponse(answers(call)),
  );
}

const isRequired = ([name, { isRequired }]: [string, Parameter<unknown>]): boolean => isRequired || name === 'token';

const inQuery = (entry: [string, Parameter<unknown>]): MethodDecorator => {
  const [name, { about, example, schema }] = entry;
  return ApiQuery({ name, required: isRequired(entry), description: about, example, schema });
};

function inBody(parameters: [string, Parameter<unknown>][], carries: 'form' | 'json'): MethodDecorator[] {
  const properties = parameters.map(([name, { about, example, schema }]) => [
    name,
    { ...schema, description: about, example },
  ]);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(properties) as Record<string, object>,
    required: parameters.filter(isRequired).map(([name]) => name),
  };
  const types = carries === 'form' ? [FORM, JSON_TYPE] : [JSON_TYPE, FORM];
  return [ApiConsumes(...types), ApiBody({ schema })];
}

function answers({ example, isOpen, hasDebug = false, codes = [] }: PlatformCallDocs): object {
  const refusals: PlatformCode[] = ['parameter', ...(isOpen ? [] : (['token'] as const)), ...codes, 'other'];
  const rows = [[example.rspCode, 'done'], ...refusals.map((code) => [rspCodeOf(code), meaningOf(code)])];
  const examples = refusals.map((code) => [
    rspCodeOf(code),
    { value: refusal(rspCodeOf(code), rspMsgOf(code), hasDebug) },
  ]);
  return {
    status: 200,
    description: ['| rspCode | when |', '|---|---|', ...rows.map(([code, when]) => `| ${code} | ${when} |`)].join('\n'),
    content: {
      [JSON_TYPE]: {
        schema: { type: 'object' },
        examples: { done: { value: example }, ...(Object.fromEntries(examples) as object) },
      },
    },
  };
}
