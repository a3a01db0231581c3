import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SealedSecrets } from '#contracts';
import { SecretBox, checkMasterKey } from '#platform';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';

const KEY = randomBytes(32).toString('hex');
let first: GatewayApp;
let credentials: { appId: string; appPassword: string };

beforeAll(async () => {
  first = await gatewayApp({ MASTER_KEY: KEY });
  const { appId, appSecret } = await first.clientApp();
  credentials = { appId, appPassword: appSecret };
  const smtp = { host: 'mail.example.com', port: 587, user: 'mc', pass: 'canary-password', from: 'mc@example.com' };
  await first.admin('PUT', '/v1/channels/mail', { enabled: true, provider: 'smtp', settings: smtp });
});
afterAll(() => first.close());

/** On the same database, with another key. */
async function withKeys<T>(env: Record<string, string>, work: (gateway: GatewayApp) => Promise<T>): Promise<T> {
  const gateway = await gatewayApp(env, { databaseUrl: first.databaseUrl });
  try {
    return await work(gateway);
  } finally {
    await gateway.close();
    delete process.env['MASTER_KEY_PREVIOUS'];
  }
}

describe('a key that stored secrets were not sealed with', () => {
  const other = { MASTER_KEY: randomBytes(32).toString('hex') };

  it('stops the start, unless the former key is given, too', async () => {
    await expect(checkMasterKey(first.app)).resolves.toBeUndefined();
    await expect(withKeys(other, ({ app }) => checkMasterKey(app))).rejects.toMatchObject({ code: 'MASTER_KEY_WRONG' });
    const rotated = { ...other, MASTER_KEY_PREVIOUS: KEY };
    await expect(withKeys(rotated, ({ app }) => checkMasterKey(app))).resolves.toBeUndefined();
  });

  it('is tried on every kind of secret, each at its place', async () => {
    const stored = await first.app.get(SealedSecrets, { strict: false }).newest();
    const box = first.app.get(SecretBox, { strict: false });
    const opened = stored.map(({ sealed, place }) => `${place} ${box.canOpen(sealed, place)}`);
    expect(opened.sort()).toEqual([
      `client_app.secret:${credentials.appId} true`,
      'provider_account.secrets:mail:default true',
    ]);
  });

  it('is a fault of ours: callers hear of no setting', async () => {
    const { status, body } = await withKeys(other, ({ call }) => call('POST', '/v1/token', { body: credentials }));
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(body)).not.toMatch(/KEY|secret/i);
  });
});
