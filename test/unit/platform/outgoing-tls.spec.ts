import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { childScript } from './child-script.js';
import { SELF_SIGNED } from './self-signed-certificate.js';

const SCRIPT = `
import { GuardedHttp } from 'PLATFORM/outgoing/guarded-http.ts';
const http = new GuardedHttp({ allow: ['127.0.0.0/8', '::1/128'] });
const answer = await http.request({ method: 'GET', url: process.argv[2] ?? '', timeoutMs: 5000 }).then(
  (response) => response.status + ' ' + response.body,
  (error) => [error.code, error.requestWritten, error.cause?.code].join(' '),
);
process.stdout.write(answer);
await http.close();
`;

describe('GuardedHttp over TLS', () => {
  let server: Server;
  let port: number;
  let requests = 0;
  const run = childScript(SCRIPT);
  let folder: string;
  let trusted: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mc-tls-'));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, SELF_SIGNED.cert);
    trusted = { NODE_EXTRA_CA_CERTS: file };
    server = createServer(SELF_SIGNED, (_request, response) => {
      requests += 1;
      response.end('ok');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  it('talks to a server whose certificate the operator trusts', async () => {
    await expect(run(trusted, [`https://127.0.0.1:${port}/`])).resolves.toMatchObject({ stdout: '200 ok' });
    expect(requests).toBe(1);
  });

  it('writes nothing to a server with an untrusted certificate or one of another name', async () => {
    const before = requests;
    const untrusted = await run({}, [`https://127.0.0.1:${port}/`]);
    expect(untrusted.stdout).toBe('OUTGOING_CONNECT false DEPTH_ZERO_SELF_SIGNED_CERT');
    const otherName = await run(trusted, [`https://localhost:${port}/`]);
    expect(otherName.stdout).toBe('OUTGOING_CONNECT false ERR_TLS_CERT_ALTNAME_INVALID');
    expect(requests).toBe(before);
  });
});
