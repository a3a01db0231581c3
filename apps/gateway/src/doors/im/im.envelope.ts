import { imMessageJson, withImStreams, type ImMessage, type ImStreamChunk } from '#contracts';

/** Answers are JSON texts, because their message ids are integers beyond what a JavaScript number holds. */
export const JSON_TYPE = 'application/json; charset=utf-8';

export const OK = '{"status":200}';

export const okWith = (data: string): string => `{"data":${data},"status":200}`;

export const refusal = (message: string, status = 400): string => JSON.stringify({ msg: message, status });

export interface PageAnswer {
  start: number;
  end: number;
  more: 0 | 1;
  /** JSON texts, comma between them. */
  messages: string;
}

export const pageJson = ({ start, end, more, messages }: PageAnswer): string =>
  `{"start_message_seq":${start},"end_message_seq":${end},"more":${more},"messages":[${messages}]}`;

/** @param chunks pieces of those that are streams, by stream number */
export const messagesJson = (
  messages: readonly ImMessage[],
  chunks: ReadonlyMap<string, readonly ImStreamChunk[]> = new Map<string, readonly ImStreamChunk[]>(),
): string =>
  `[${messages.map((message) => withImStreams(imMessageJson(message), chunks.get(message.streamNo) ?? [])).join(',')}]`;
