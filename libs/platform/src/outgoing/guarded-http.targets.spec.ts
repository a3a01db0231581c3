import { afterEach, describe, expect, it } from '@jest/globals';
import { addresses, client, closeAll, failureOf, get, web } from '../../../../test/unit/platform/loopback-servers.js';
import { BlockedAddressError } from './outgoing-errors.js';

afterEach(closeAll);

describe('targets that may not be called', () => {
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    'localhost',
    'localhost.',
    '127.0.0.1.',
  ])('does not connect to this machine as %s', async (host) => {
    const { port, connections } = await web((_request, response) => response.end());
    const failure = await failureOf(get(client([]), `http://${host}:${port}/`));
    expect(failure).toBeInstanceOf(BlockedAddressError);
    expect(failure).toMatchObject({ kind: 'permanent', requestWritten: false });
    expect(connections()).toBe(0);
  });

  it('does not connect when a name resolves to this machine', async () => {
    const { port, connections } = await web((_request, response) => response.end());
    const http = client([], async () => addresses('127.0.0.1'));
    await expect(get(http, `http://hooks.example.com:${port}/`)).rejects.toBeInstanceOf(BlockedAddressError);
    expect(connections()).toBe(0);
  });

  it('does not connect when only one of several addresses is forbidden', async () => {
    const { port, connections } = await web((_request, response) => response.end());
    for (const answer of [addresses('127.0.0.1', '10.0.0.1'), addresses('169.254.169.254', '127.0.0.1')]) {
      const http = client(['127.0.0.1'], async () => answer);
      await expect(get(http, `http://hooks.example.com:${port}/`)).rejects.toBeInstanceOf(BlockedAddressError);
    }
    expect(connections()).toBe(0);
  });

  it('asks the resolver once a connection, so a changed answer cannot slip in between', async () => {
    const permitted = await web((_request, response) => response.setHeader('connection', 'close').end('permitted'));
    const forbidden = await web((_request, response) => response.end(), '127.0.0.2', permitted.port);
    let asked = 0;
    const http = client(['127.0.0.1'], async () => addresses(asked++ === 0 ? '127.0.0.1' : '127.0.0.2'));
    const url = `http://rebind.example.com:${permitted.port}/`;
    expect((await get(http, url)).body.toString()).toBe('permitted');
    expect(asked).toBe(1);
    await expect(get(http, url)).rejects.toBeInstanceOf(BlockedAddressError);
    expect(asked).toBe(2);
    expect(forbidden.connections()).toBe(0);
  });

  it('keeps talking to the address that was judged while the connection lives', async () => {
    const permitted = await web((_request, response) => response.end('permitted'));
    const forbidden = await web((_request, response) => response.end(), '127.0.0.2', permitted.port);
    let asked = 0;
    const http = client(['127.0.0.1'], async () => addresses(asked++ === 0 ? '127.0.0.1' : '127.0.0.2'));
    const url = `http://rebind.example.com:${permitted.port}/`;
    for (const _ of [1, 2, 3]) {
      expect((await get(http, url)).body.toString()).toBe('permitted');
      await new Promise(setImmediate); // the client marks a connection as free one turn after its answer
    }
    expect(asked).toBe(1);
    expect(forbidden.connections()).toBe(0);
  });

  it('judges the port of a name by the addresses behind it', async () => {
    const http = client(['127.0.0.1'], async () => addresses('8.8.8.8'));
    await expect(get(http, 'http://hooks.example.com:5432/')).rejects.toMatchObject({ code: 'BLOCKED_ADDRESS' });
  });

  it('does not follow redirects', async () => {
    const inner = await web((_request, response) => response.end('inner'), '127.0.0.2');
    const { url } = await web((_request, response) => response.writeHead(302, { location: inner.url }).end());
    await expect(get(client(), url)).resolves.toMatchObject({ status: 302, headers: { location: inner.url } });
    expect(inner.connections()).toBe(0);
  });
});
