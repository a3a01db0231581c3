import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A free port on loopback below those the system gives to outgoing connections (32768 on Linux): it is still free when
 * a process that was killed comes back to it.
 */
export async function stablePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
  });
}
