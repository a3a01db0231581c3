import { createServer, type AddressInfo } from 'node:net';
import { CannotStartError } from '../embedded-postgres/cannot-start.error.js';

/**
 * Tries the port before anything else is started: a database that comes up for nothing helps nobody.
 * @param setting that names the port
 */
export async function checkCanListen(host: string, port: number, setting = 'PORT'): Promise<void> {
  try {
    await tryPort(host, port);
  } catch (error) {
    throw new CannotStartError(reasonOf(error as NodeJS.ErrnoException, host, port, setting), { cause: error });
  }
}

/** The wanted port, or any free one where another program has it. */
export async function freePort(host: string, wanted: number): Promise<number> {
  try {
    return await tryPort(host, wanted);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return tryPort(host, 0);
  }
}

/** Listens for a moment; answers on which port. */
async function tryPort(host: string, port: number): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ host, port, exclusive: true }, resolve);
  });
  const { port: got } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return got;
}

function reasonOf(error: NodeJS.ErrnoException, host: string, port: number, setting: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program: set ${setting}=${port < 65535 ? port + 1 : 3000} npm start`;
    case 'EACCES':
      return `Port ${port} may not be used by this user: set ${setting}=3000 npm start`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST=${host} is not an address of this machine`;
    default:
      return `Cannot listen on ${host}:${port} (${error.message})`;
  }
}
