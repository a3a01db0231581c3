import { connect, type Socket } from 'node:net';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createFastifyAdapter } from '../../apps/gateway/src/http/fastify-adapter.js';

/** Of the listener for silent callers, ms; and how long one call takes. */
const LIMIT_MS = 300;
const TAKES_MS = 1_000;

let fastify: FastifyInstance;
let port: number;
beforeAll(async () => {
  fastify = createFastifyAdapter().getInstance() as unknown as FastifyInstance;
  fastify.post('/slow', () => sleep(TAKES_MS).then(() => 'done'));
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  (fastify.server as Server).timeout = LIMIT_MS;
  port = (fastify.server.address() as { port: number }).port;
});
afterAll(() => fastify.close());

interface Caller {
  socket: Socket;
  /** All that came so far. */
  said(): string;
  /** Resolves when the other side hung up. */
  hungUp: Promise<void>;
}

async function caller(): Promise<Caller> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const hungUp = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, said: () => text, hungUp };
}
const request = (body: string, length = body.length): string =>
  `POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;

describe('a caller', () => {
  it('who has said all waits for his answer however long it takes, call after call', async () => {
    const { socket, said } = await caller();
    for (const answers of [1, 2]) {
      socket.write(request('{}'));
      while (said().split('done').length - 1 < answers && !socket.destroyed) await sleep(20);
      expect(said().match(/HTTP\/1\.1 200/g)).toHaveLength(answers);
    }
    socket.destroy();
  });

  it('who falls silent within his body is cut off, also after a call that took long', async () => {
    const { socket, said, hungUp } = await caller();
    socket.write(request('{}'));
    while (!said().includes('done')) await sleep(20);
    socket.write(request('{', 10));
    await hungUp;
    expect(said().match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  });
});
