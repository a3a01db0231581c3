import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../broker/messaging/eventually.js';
import { Center } from '../support/center.js';
import { freePort } from '../support/processes.js';

/** Text by which each place is found again in the log. */
const canary = (place: string): string => `canary-${place}-${randomBytes(6).toString('hex')}`;

describe('the log at its most talkative', () => {
  let center: Center;
  const canaries: string[] = [];
  const plant = (place: string): string => {
    const text = canary(place);
    canaries.push(text);
    return text;
  };

  beforeAll(async () => {
    center = await Center.open({ env: { LOG_LEVEL: 'trace' } });
    await center.startAll();
  });
  afterAll(() => center?.close());

  /** A request in the given words; the answer does not matter. */
  async function ask(path: string, init: RequestInit = {}): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${center.port}${path}`, init);
    await answer.text();
  }

  const json = (body: string, headers: Record<string, string> = {}): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

  it('holds no token, secret, body, address or header of any request or delivery', async () => {
    const own = { authorization: `Bearer ${center.token}` };
    const before = requestsLogged();
    const requests: (() => Promise<void>)[] = [
      () => ask(`/msg/send?access_token=${plant('query-token')}`, json('{}')),
      () =>
        ask(
          `/msg/send?access_token=${center.token}&token=${plant('query')}`,
          json(`{"uid":"${plant('uid')}","template":"none"}`),
        ),
      () => ask('/v1/token', json(JSON.stringify({ appId: center.appId, appPassword: plant('password') }))),
      () => ask('/msg/getToken', json(JSON.stringify({ appId: center.appId, appSecret: plant('secret') }))),
      () => ask('/v1/token', json(`{"appId":"x","appPassword":"${plant('broken-json')}"`)),
      () => ask('/v1/messages', json('{}', { authorization: `Bearer ${plant('bearer')}` })),
      () =>
        ask('/v1/messages', json('{}', { authorization: `Basic ${plant('basic')}`, cookie: `sid=${plant('cookie')}` })),
      () => ask('/v1/messages', json(`{"${plant('unknown-field')}":1}`, own)),
      () =>
        ask(
          '/v1/messages',
          json(JSON.stringify({ to: { users: ['u0'] }, content: { text: `${plant('nul')}\u0000` } }), own),
        ),
      () =>
        ask(
          `/nothing?access_token=${plant('lost-token')}&appPassword=${plant('lost-password')}&sign=${plant('lost-sign')}`,
        ),
      () =>
        ask(`/v1/nothing?token=${plant('v1-lost')}`, {
          headers: { authorization: `Bearer ${plant('v1-bearer')}`, 'x-api-key': plant('api-key') },
        }),
      () =>
        ask('/msg/send', {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: `appPassword=${plant('form')}`,
        }),
      () =>
        ask('/v1/messages', { method: 'POST', headers: { 'content-type': plant('type') }, body: plant('raw-body') }),
      () =>
        ask(
          '/v1/client-apps',
          json(
            JSON.stringify({ name: 'n', channels: ['sms'], appId: 'mine', appSecret: plant('new-secret') }),
            admin(),
          ),
        ),
      () =>
        ask(
          '/psp/push/msg',
          json(`{"payload":{"body":{"title":"${plant('psp-title')}"}}}`, {
            appkey: plant('appkey'),
            timestamp: String(Date.now()),
            validationtoken: plant('validationtoken'),
          }),
        ),
      () =>
        ask('/v1/channels/mail', {
          ...json(
            JSON.stringify({
              enabled: true,
              provider: 'smtp',
              settings: { host: '127.0.0.1', port: 1, pass: plant('smtp-pass'), user: 'u' },
            }),
            admin(),
          ),
          method: 'PUT',
        }),
      () =>
        ask(
          '/v1/messages',
          json(
            JSON.stringify({
              to: { users: ['u0'] },
              content: { text: 'x' },
              statusCallback: `http://${plant('userinfo')}:${plant('userinfo-pass')}@10.0.0.1/x?token=${plant('callback')}`,
            }),
            own,
          ),
        ),
    ];
    for (const request of requests) await request();
    await eventually(requestsLogged, (count) => count >= before + requests.length); // it does log

    const nobody = `http://127.0.0.1:${await freePort()}/${plant('closed-port')}?key=${plant('closed-key')}`;
    await center.send([], {
      to: {
        users: [{ userId: 'u1', params: { name: plant('param') } }],
        addresses: [
          { channel: 'webhook', address: nobody },
          { channel: 'mail', address: `${plant('address')}@example.com`, name: plant('name') },
        ],
      },
      channels: { mode: 'list', list: ['webhook', 'mail'] },
      content: {
        title: plant('title'),
        text: plant('text'),
        html: `<p>${plant('html')}</p>`,
        summary: plant('summary'),
      },
      statusCallback: `http://127.0.0.1:${await freePort()}/?token=${plant('callback-token')}`,
    });
    const tried = (): Promise<number> => center.count('SELECT count(*) FROM delivery_attempt');
    await eventually(tried, (count) => count >= 2);
    await eventually(
      () => center.count('SELECT count(*) FROM callback WHERE attempts > 0'),
      (count) => count >= 1,
    );
    await center.db.query('ALTER TABLE work RENAME TO work_away'); // errors of the database, with their statements
    await ask(
      '/v1/messages',
      json(JSON.stringify({ to: { users: ['u0'] }, content: { text: plant('db-error') } }), own),
    );
    await center.db.query('ALTER TABLE work_away RENAME TO work');

    const app = center.app('standalone');
    await app.kill('SIGTERM');
    const output = app.output();
    expect(output).toContain('/nothing?'); // what is found without its secrets
    const secrets = [
      ...canaries,
      center.token,
      center.adminToken,
      center.appSecret,
      new URL(center.databaseUrl).password,
    ];
    expect(secrets.filter((secret) => secret !== '' && output.includes(secret))).toEqual([]);
  });

  const admin = (): Record<string, string> => ({ authorization: `Bearer ${center.adminToken}` });
  const requestsLogged = (): number => center.app('standalone').output().split('"request answered').length - 1;
});
