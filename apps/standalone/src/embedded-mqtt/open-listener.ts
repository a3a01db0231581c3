import { createServer, type AddressInfo, type Server } from 'node:net';
import { CannotStartError } from '../embedded-postgres/cannot-start.error.js';

/** Where devices expect a broker. */
const USUAL_PORT = 1883;

/**
 * Listens for devices, so that nobody can take the port meanwhile; nobody is accepted before the broker serves.
 * @param wanted throws CannotStartError where it is taken; undefined: the usual port, or a free one where that is taken
 */
export async function openMqttListener(host: string, wanted: number | undefined): Promise<Server> {
  try {
    return await listen(host, wanted ?? USUAL_PORT);
  } catch (error) {
    if (wanted === undefined) return listen(host, 0);
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'it is taken by another program' : message;
    throw new CannotStartError(
      `MQTT_PORT=${wanted} cannot be used (${reason}): leave it out for a free one, or set MQTT_PORT=0 for no MQTT broker`,
      { cause: error },
    );
  }
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function listen(host: string, port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
