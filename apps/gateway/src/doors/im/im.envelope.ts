import { imMessageJson, type ImMessage, type ImStreamChunk } from '#contracts';

/** Answers are JSON texts, because their message ids are integers beyond what a JavaScript number holds. */
export const JSON_TYPE = 'application/json; charset=utf-8';

export const OK = '{"status":200}';

export const okWith = (data: string): string => `{"data":${data},"status":200}`;

export const refusal = (message: string, status = 400): string => JSON.stringify({ msg: message, status });

export interface PageAnswer {
  start: number;
  end: number;
  more: 0 | 1;
  messages: readonly ImMessage[];
  /** Pieces of the messages that are streams, by stream number. */
  chunks: ReadonlyMap<string, readonly ImStreamChunk[]>;
}

export const pageJson = ({ start, end, more, messages, chunks }: PageAnswer): string =>
  `{"start_message_seq":${start},"end_message_seq":${end},"more":${more},"messages":${messagesJson(messages, chunks)}}`;

export const messagesJson = (
  messages: readonly ImMessage[],
  chunks: PageAnswer['chunks'] = new Map<string, readonly ImStreamChunk[]>(),
): string => `[${messages.map((message) => imMessageJson(message, chunks.get(message.streamNo))).join(',')}]`;
