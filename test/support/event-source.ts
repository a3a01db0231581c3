import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

export interface ServerEvent {
  event: string;
  id: string | null;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into events of every shape
  data: any;
}

export interface EventReader {
  status: number;
  headers: IncomingHttpHeaders;
  /** The next event, whatever its kind; throws when the server ends the stream. */
  next(): Promise<ServerEvent>;
  /** Resolves when the server has ended the stream. */
  ended(): Promise<void>;
  close(): void;
}

/** Reads server-sent events as a browser would. */
export async function openEvents(url: string, headers: Record<string, string>): Promise<EventReader> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers, agent: false }, resolve).on('error', reject).end();
  });
  const blocks = blocksOf(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    async next() {
      for (;;) {
        const { value, done } = await blocks.next();
        if (done) throw new Error('the stream ended');
        const event = parsed(value);
        if (event) return event;
      }
    },
    async ended() {
      while (!(await blocks.next()).done);
    },
    close: () => void response.destroy(),
  };
}

async function* blocksOf(response: IncomingMessage): AsyncGenerator<string, void, void> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    yield* parts;
  }
}

/** Null for comments and settings of the stream. */
function parsed(block: string): ServerEvent | null {
  const fields = new Map(block.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^[^:]*: ?/, '')]));
  const event = fields.get('event');
  if (event === undefined) return null;
  return { event, id: fields.get('id') ?? null, data: JSON.parse(fields.get('data') ?? 'null') as unknown };
}
