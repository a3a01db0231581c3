import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { trustedAuthorities } from '../outbound/trusted-authorities.js';

export interface Endpoint {
  host: string;
  port: number;
  tls: boolean;
  /** Certificate authority to trust besides the public ones, PEM. */
  ca?: string;
}

/** A connection ready for the first byte, TLS checked. Rejects with the error of the socket, or the signal's reason. */
export function openSocket({ host, port, tls, ca }: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const socket = tls
      ? connectTls({
          host,
          port,
          ...(isIP(host) === 0 && { servername: host }),
          ...(ca !== undefined && { ca: trustedAuthorities(ca) }),
        })
      : connect({ host, port });
    const abort = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    // Stays: an error that comes before the next owner listens must not end the process.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(error);
    });
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
  });
}
