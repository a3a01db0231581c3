import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { GuardedHttp, type ResolveHost } from '#platform';

export const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const closers: (() => Promise<unknown>)[] = [];
/** Call it in `afterEach`: closes the servers and clients of the test. */
export const closeAll = (): Promise<unknown> => Promise.all(closers.splice(0).map((close) => close()));

export const client = (allow: string[] = LOOPBACK, resolve?: ResolveHost) => {
  const http = new GuardedHttp({ allow, ...(resolve && { resolve }) });
  closers.unshift(() => http.close());
  return http;
};

const listening = async <S extends Server | TcpServer>(server: S, host: string, port: number) => {
  let connections = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        sockets.forEach((socket) => socket.destroy());
      }),
  );
  const { port: actual } = server.address() as AddressInfo;
  return { server, port: actual, url: `http://${host}:${actual}`, connections: () => connections };
};

export const web = (listener: RequestListener, host = '127.0.0.1', port = 0) =>
  listening(createServer(listener), host, port);
export const tcp = (onSocket: (socket: Socket) => void) => listening(createTcpServer(onSocket), '127.0.0.1', 0);
export const get = (
  http: GuardedHttp,
  url: string,
  more: { timeoutMs?: number; maxResponseBytes?: number; signal?: AbortSignal } = {},
) => http.request({ method: 'GET', url, timeoutMs: 5_000, ...more });
export const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );
export const addresses = (...ips: string[]) => ips.map((address) => ({ address, family: 4 }));
