import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket, createSecureContext } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runMigrations } from '#entities';
import { rabbitTransport } from '../../broker/messaging/rabbit-bench.js';
import { SELF_SIGNED } from './self-signed-certificate.js';

/** What the other side said, once it had the certificate before it. */
let heard: Buffer[] = [];
let server: Server | undefined;
afterEach(() => {
  server?.close();
  heard = [];
});

/** Shows a certificate that nobody trusts. @param greet what precedes TLS */
async function impostor(greet: (socket: Socket) => Promise<unknown>): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    void greet(socket).then(() => {
      const secureContext = createSecureContext(SELF_SIGNED);
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => undefined);
      secure.on('data', (chunk: Buffer) => heard.push(chunk));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a server whose certificate nobody trusts', () => {
  it.each(['verify-full', 'verify-ca', 'require'])('gets no password as DATABASE_URL with sslmode=%s', async (mode) => {
    const port = await impostor(async (socket) => {
      await once(socket, 'data'); // SSLRequest
      socket.write('S');
    });
    await expect(runMigrations(`postgres://mc:canary@127.0.0.1:${port}/mc?sslmode=${mode}`)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(heard).toEqual([]);
  });

  it('gets no password as RABBITMQ_URL with amqps', async () => {
    const port = await impostor(() => Promise.resolve());
    const transport = rabbitTransport(`amqps://mc:canary@127.0.0.1:${port}`);
    try {
      await transport.open();
      expect(transport.state().detail).toMatch(/self.signed certificate/);
      expect(heard).toEqual([]);
    } finally {
      await transport.close();
    }
  });
});
