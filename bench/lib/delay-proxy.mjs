// Distance: what the other side says arrives later. Works on bytes, so nothing need know of it.
import { connect, createServer } from 'node:net';

/** A port on loopback that leads to `port`; answers take `latencyMs` longer. */
export async function delayProxy(port, latencyMs) {
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
    client.pipe(upstream);
    upstream.on('data', (chunk) => setTimeout(() => client.writable && client.write(chunk), latencyMs));
    upstream.on('end', () => setTimeout(() => client.end(), latencyMs));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ])
      one.on('error', () => other.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}
