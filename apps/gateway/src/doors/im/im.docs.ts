import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, type ApiBodyOptions } from '@nestjs/swagger';

export type SchemaObject = Extract<ApiBodyOptions, { schema: unknown }>['schema'];

export interface ImCallDocs {
  summary: string;
  description: string;
  /** Properties of the JSON object, or the schema of another body; absent: a call without one. */
  body?: { properties: Record<string, SchemaObject>; example: object } | { schema: SchemaObject; example: object };
  /** As JSON text: an id in it may be larger than a JavaScript number holds. */
  answer: string;
  /** Texts of the refusals with HTTP 400, each with its reason. */
  refusals: Readonly<Record<string, string>>;
}

/** What every call of the door says of itself. */
export function ApiImCall({ summary, description, body, answer, refusals }: ImCallDocs): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary, description }),
    ...(body ? [ApiBody({ description: 'JSON, whatever the Content-Type says.', ...bodyOf(body) })] : []),
    ApiResponse({
      status: 200,
      description: 'Done.',
      content: { 'application/json': { schema: { type: 'object' }, example: answer } },
    }),
    ApiResponse({
      status: 400,
      description: [
        '| msg | when |',
        '|---|---|',
        ...Object.entries(refusals).map((row) => `| ${row.join(' | ')} |`),
      ].join('\n'),
      content: { 'application/json': { example: { msg: Object.keys(refusals)[0] ?? '数据格式有误！', status: 400 } } },
    }),
    ApiResponse({ status: 401, description: 'No token, or one that does not open this door. The answer is empty.' }),
    ApiResponse({ status: 413, description: 'The body is larger than 10 MiB.' }),
    ApiResponse({ status: 503, description: 'Nobody is there at the moment: try again. With a `requestId`.' }),
  );
}

const bodyOf = (body: NonNullable<ImCallDocs['body']>): { schema: SchemaObject; examples: Record<string, object> } => ({
  schema: 'schema' in body ? body.schema : { type: 'object', properties: body.properties },
  examples: { example: { value: body.example } },
});

export const TEXT: SchemaObject = { type: 'string' };
export const ID: SchemaObject = { type: 'string', maxLength: 256 };
export const IDS: SchemaObject = { type: 'array', items: ID };
export const BIT: SchemaObject = { type: 'integer', enum: [0, 1] };
export const UINT32: SchemaObject = { type: 'integer', minimum: 0, maximum: 4_294_967_295 };
export const CHANNEL_TYPE: SchemaObject = {
  type: 'integer',
  minimum: 0,
  maximum: 255,
  description:
    '1 person (channel_id is the receiver), 2 group, 3 customer service, 4 community, 5 topic, 6 info, 7 data.',
};
export const PAYLOAD: SchemaObject = { type: 'string', format: 'byte', description: 'Base64.' };
export const HEADER: SchemaObject = {
  type: 'object',
  properties: {
    no_persist: { ...BIT, description: '1: to whoever is online, stored nowhere.' },
    red_dot: { ...BIT, description: '1: counts as unread.' },
    sync_once: { ...BIT, description: '1: a command, into the queue of each recipient.' },
  },
};

/** `{"type":1,"content":"hello"}`. */
export const EXAMPLE_PAYLOAD = 'eyJ0eXBlIjoxLCJjb250ZW50IjoiaGVsbG8ifQ==';
export const EXAMPLE_MESSAGE =
  '{"header":{"no_persist":0,"red_dot":1,"sync_once":0},"setting":0,"message_id":2127118756168597504,' +
  '"message_idstr":"2127118756168597504","client_msg_no":"7cec731e722c49b6a5fa8360034f3d310","message_seq":1,' +
  `"from_uid":"u1","channel_id":"g1","channel_type":2,"expire":0,"timestamp":1795979606,"payload":"${EXAMPLE_PAYLOAD}"}`;

export const UNREADABLE = 'the body is no JSON or a field is of another kind; Content-Type is then `text/plain`';
