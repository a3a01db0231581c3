import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a webhook was posted. */
export interface Posted {
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Takes what is posted to it and keeps it; answers 200 unless told otherwise. */
export interface WebhookReceiver {
  url: string;
  posted: Posted[];
  /** What it answers, in turn; then 200. */
  answers: number[];
  /** Paths that get no answer until the caller gives up or `release` is called. */
  hang(path: string): { release(): void };
  close(): Promise<void>;
}

export async function webhookReceiver(): Promise<WebhookReceiver> {
  const posted: Posted[] = [];
  const answers: number[] = [];
  const hanging = new Map<string, ServerResponse[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posted.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      const held = hanging.get((request.url ?? '').split('?')[0] ?? '');
      if (held) held.push(response);
      else response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    answers,
    hang(path) {
      hanging.set(path, []);
      return {
        release() {
          for (const response of hanging.get(path) ?? []) response.writeHead(200).end();
          hanging.delete(path);
        },
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
