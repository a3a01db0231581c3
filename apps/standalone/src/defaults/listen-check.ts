import { createServer } from 'node:net';
import { CannotStartError } from '../embedded-postgres/cannot-start.error.js';

/** Tries the port before anything else is started: a database that comes up for nothing helps nobody. */
export async function checkCanListen(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw new CannotStartError(reasonOf(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
  await new Promise((resolve) => probe.close(resolve));
}

function reasonOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program: set PORT=${port < 65535 ? port + 1 : 3000} npm start`;
    case 'EACCES':
      return `Port ${port} may not be used by this user: set PORT=3000 npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST=${host} is not an address of this machine`;
    default:
      return `Cannot listen on ${host}:${port} (${error.message})`;
  }
}
