import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '#platform';
import { gatewayApp, type Answer, type GatewayApp } from '../support/gateway-app.js';

let gateway: GatewayApp;
beforeAll(async () => {
  gateway = await gatewayApp();
});
afterAll(() => gateway.close());

const codeOf = (answer: Answer): [number, string] => [answer.status, answer.body?.code];
const fieldsOf = (answer: Answer): string[] => answer.body.errors.map((error: { field: string }) => error.field);

describe('problem details', () => {
  it.each(['/v1/nothing', '/v1/', '/v1'])(
    'answers %s, which is no call, with the request id of the caller',
    async (path) => {
      const answer = await gateway.call('GET', path, { headers: { 'x-request-id': 'request-0001' } });
      expect(answer.headers['content-type']).toMatch('application/problem+json');
      expect(answer.headers['x-request-id']).toBe('request-0001');
      expect(answer.body).toMatchObject({
        status: 404,
        title: 'Not Found',
        code: 'not_found',
        requestId: 'request-0001',
      });
    },
  );

  it.each([
    ['malformed JSON', '{"appId":', 'body_not_json'],
    ['an array', '[]', 'body_not_object'],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'body_not_utf8'],
    ['too deep JSON', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`, 'body_too_deep'],
    ['wrong types', { appId: 1, appPassword: ['x'] }, 'invalid_request'],
    ['unknown fields', { appId: 'a', appPassword: 'b', isAdmin: true }, 'invalid_request'],
    ['text the database cannot hold', { appId: 'a\0', appPassword: 'b' }, 'invalid_request'],
    ['half a surrogate pair', '{"appId":"\\ud800","appPassword":"b"}', 'invalid_request'],
  ])('refuses %s', async (_, body, code) => {
    expect(codeOf(await gateway.call('POST', '/v1/token', { body }))).toEqual([400, code]);
  });

  it('refuses a body over the limit with 413', async () => {
    const body = { appId: 'x'.repeat(1024 * 1024), appPassword: 'x' };
    const answer = await gateway.call('POST', '/v1/token', { body });
    expect(codeOf(answer)).toEqual([413, 'body_too_large']);
    expect(answer.body.detail).toBe('The body is larger than the 1048576 bytes that this call takes.');
  });

  it('names every field that is wrong', async () => {
    const answer = await gateway.admin('POST', '/v1/client-apps', {
      name: 1,
      channels: ['fax'],
      ipAllowlist: ['10.0.0.0/99'],
      rateLimit: { perSecond: 0, burst: 1 },
      smsQuota: { total: -1, perMonth: 1 },
      weight: 0,
    });
    expect(fieldsOf(answer)).toEqual(
      expect.arrayContaining([
        'name',
        'channels',
        'ipAllowlist',
        'rateLimit.perSecond',
        'rateLimit.burst',
        'smsQuota.total',
        'smsQuota.perMonth',
        'weight',
      ]),
    );
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=1&limit=2',
    'cursor=%%%',
    'cursor=WzFd',
    'cursor=bm9uc2Vuc2U',
    'page=1',
  ])('refuses the query ?%s', async (query) => {
    const answer = await gateway.admin('GET', `/v1/client-apps?${query}`);
    expect(answer.status).toBe(400);
  });
});

describe('who may call', () => {
  it('asks for a token', async () => {
    const answer = await gateway.call('GET', '/v1/client-apps');
    expect(codeOf(answer)).toEqual([401, 'unauthorized']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('refuses a client app on calls of the administrator and the administrator on calls of client apps', async () => {
    const { token } = await gateway.clientApp();
    expect(codeOf(await gateway.call('GET', '/v1/client-apps', { token }))).toEqual([403, 'forbidden']);
    expect(codeOf(await gateway.admin('GET', '/v1/tags'))).toEqual([403, 'forbidden']);
    expect((await gateway.call('GET', '/v1/tags', { token })).body).toEqual({ items: [], nextCursor: null });
  });

  it('looks at ten wrong administrator tokens of an address per minute and writes them down', async () => {
    const from = '127.0.0.9';
    for (let i = 0; i < 10; i++) {
      expect((await gateway.call('GET', '/v1/client-apps', { token: `guess-${i}`, from })).status).toBe(401);
    }
    const right = await gateway.call('GET', '/v1/client-apps', { token: gateway.adminToken, from });
    expect(codeOf(right)).toEqual([429, 'rate_limited']);
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0);
    expect((await gateway.admin('GET', '/v1/client-apps')).status).toBe(200);
    const refusals = await gateway.admin('GET', '/v1/audit-log?action=token.refused');
    expect(refusals.body.items.filter((item: { ip: string }) => item.ip === from)).toHaveLength(10);
  });
});

describe('a program with an expired token', () => {
  it('hears so however often it comes, and locks nobody out', async () => {
    const from = '127.0.0.10';
    const { token } = await gateway.clientApp();
    await gateway.database.query('DELETE FROM access_token WHERE token_hash = $1', [sha256(token)]);
    for (let i = 0; i < 12; i++) expect((await gateway.call('GET', '/v1/tags', { token, from })).status).toBe(401);
    expect((await gateway.call('GET', '/v1/client-apps', { token: gateway.adminToken, from })).status).toBe(200);
  });
});

describe('client apps', () => {
  it('shows the secret once, keeps existing credentials and audits the registration', async () => {
    const body = {
      name: 'Billing',
      channels: ['sms', 'smart'],
      appId: 'billing',
      appSecret: 'an-old-secret',
      ipAllowlist: ['127.0.0.0/8'],
    };
    const created = await gateway.admin('POST', '/v1/client-apps', body);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ appId: 'billing', appSecret: 'an-old-secret', enabled: true });
    const shown = await gateway.admin('GET', '/v1/client-apps/billing');
    expect(shown.text).not.toContain('an-old-secret');
    expect(codeOf(await gateway.admin('POST', '/v1/client-apps', body))).toEqual([409, 'conflict']);
    const log = await gateway.admin('GET', '/v1/audit-log?action=client-app.create');
    expect(log.body.items.map((item: { target: string }) => item.target)).toContain('billing');
  });

  it('changes what a patch names and nothing else', async () => {
    const { appId } = await gateway.clientApp({ description: 'before', rateLimit: { perSecond: 7 } });
    const url = `/v1/client-apps/${appId}`;
    const patched = await gateway.admin('PATCH', url, { name: 'after' });
    expect(patched.body).toMatchObject({ name: 'after', description: 'before', rateLimit: { perSecond: 7 } });
    expect((await gateway.admin('PATCH', url, { rateLimit: null })).body.rateLimit).toBeNull();
    expect((await gateway.admin('PATCH', url, { name: null })).status).toBe(400);
    expect((await gateway.admin('PATCH', url, { appSecret: 'x'.repeat(10) })).status).toBe(400);
  });

  it('refuses the tokens of an app as soon as it is disabled', async () => {
    const { appId, appSecret, token } = await gateway.clientApp();
    expect((await gateway.call('GET', '/v1/tags', { token })).status).toBe(200);
    await gateway.admin('PATCH', `/v1/client-apps/${appId}`, { enabled: false });
    const refused = await eventually(
      () => gateway.call('GET', '/v1/tags', { token }),
      (answer) => answer.status === 401,
    );
    expect(codeOf(refused)).toEqual([401, 'unauthorized']);
    const body = { appId, appPassword: appSecret };
    expect(codeOf(await gateway.call('POST', '/v1/token', { body }))).toEqual([401, 'token_refused']);
  });

  it('revokes tokens when the secret is rotated and takes the old secret for the overlap only', async () => {
    const { appId, appSecret } = await gateway.clientApp();
    const logIn = async (appPassword: string): Promise<number> =>
      (await gateway.call('POST', '/v1/token', { body: { appId, appPassword } })).status;
    const overlapping = await gateway.admin('POST', `/v1/client-apps/${appId}/rotate-secret?overlap=60`);
    expect([await logIn(appSecret), await logIn(overlapping.body.appSecret)]).toEqual([200, 200]);
    expect(await gateway.database.query('SELECT 1 FROM access_token WHERE app_id = $1', [appId])).toHaveLength(2);
    const strict = await gateway.admin('POST', `/v1/client-apps/${appId}/rotate-secret`);
    expect(await gateway.database.query('SELECT 1 FROM access_token WHERE app_id = $1', [appId])).toHaveLength(0);
    expect([await logIn(overlapping.body.appSecret), await logIn(strict.body.appSecret)]).toEqual([401, 200]);
  });

  it('gives and rotates the signing secret of callbacks', async () => {
    const { appId } = await gateway.clientApp();
    const url = `/v1/client-apps/${appId}`;
    const first = (await gateway.admin('GET', `${url}/webhook-secret`)).body.secret;
    const second = (await gateway.admin('POST', `${url}/rotate-webhook-secret`)).body.secret;
    expect(first).toMatch(/^whsec_/);
    expect(second).not.toBe(first);
    expect((await gateway.admin('GET', `${url}/webhook-secret`)).body.secret).toBe(second);
  });

  it('removes an app with its tokens', async () => {
    const { appId, token } = await gateway.clientApp();
    expect((await gateway.admin('DELETE', `/v1/client-apps/${appId}`)).status).toBe(204);
    expect(codeOf(await gateway.admin('GET', `/v1/client-apps/${appId}`))).toEqual([404, 'not_found']);
    await eventually(
      () => gateway.call('GET', '/v1/tags', { token }),
      (answer) => answer.status === 401,
    );
  });

  it('pages through the list', async () => {
    await gateway.clientApp();
    await gateway.clientApp();
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await gateway.admin('GET', `/v1/client-apps?limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.body.items.map((app: { appId: string }) => app.appId));
      cursor = page.body.nextCursor;
    } while (cursor);
    const all = (await gateway.admin('GET', '/v1/client-apps?limit=200')).body.items.map(
      (app: { appId: string }) => app.appId,
    );
    expect(seen).toEqual(all);
  });

  it('keeps no secret and no token in clear in the database', async () => {
    const { appId, appSecret, token } = await gateway.clientApp();
    const webhook = (await gateway.admin('GET', `/v1/client-apps/${appId}/webhook-secret`)).body.secret as string;
    const tables = await gateway.database.query<{ name: string }>(
      `SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
    );
    for (const { name } of tables) {
      const [dump] = await gateway.database.query<{ text: string | null }>(
        `SELECT string_agg(encode(convert_to(t::text, 'UTF8'), 'escape'), ' ') AS text FROM ${name} t`,
      );
      for (const secret of [appSecret, token, webhook, gateway.adminToken]) {
        const hex = Buffer.from(secret).toString('hex');
        expect([name, dump?.text?.includes(secret) ?? false, dump?.text?.includes(hex) ?? false]).toEqual([
          name,
          false,
          false,
        ]);
      }
    }
  });
});

describe('tokens', () => {
  it('answers every failure alike, also for an unknown app', async () => {
    const { appId } = await gateway.clientApp();
    const elsewhere = await gateway.clientApp({ ipAllowlist: ['10.1.2.3'] }).catch((error: Error) => error.message);
    expect(elsewhere).toContain('token_refused');
    const wrong = await gateway.call('POST', '/v1/token', { body: { appId, appPassword: 'wrong' } });
    const unknown = await gateway.call('POST', '/v1/token', { body: { appId: 'nobody', appPassword: 'wrong' } });
    const said = ({ requestId: _, ...rest }: Record<string, unknown>): object => rest;
    expect(said(wrong.body)).toEqual(said(unknown.body));
    expect(wrong.status).toBe(401);
  });

  it('looks at ten wrong secrets per app and address, from elsewhere the right one still works', async () => {
    const lookedAt: number[] = [];
    for (let app = 0; app < 2; app++) {
      const { appId, appSecret } = await gateway.clientApp();
      const logIn = (appPassword: string, from: string): Promise<Answer> =>
        gateway.call('POST', '/v1/token', { body: { appId, appPassword }, from });
      let looked = 0;
      while (looked < 20 && (await logIn(`wrong-${looked}`, '127.0.0.5')).status === 401) looked++;
      lookedAt.push(looked);
      expect(codeOf(await logIn(appSecret, '127.0.0.5'))).toEqual([429, 'rate_limited']);
      expect((await logIn(appSecret, '127.0.0.6')).body).toMatchObject({ expiresIn: 7200 });
    }
    // The minute of one of them may end while it is counted; it does not end twice within seconds.
    expect(lookedAt).toContain(10);
    expect(Math.max(...lookedAt)).toBeLessThan(20);
  });

  it('looks at no more when they come all at once', async () => {
    const lookedAt: number[] = [];
    for (const from of ['127.0.0.11', '127.0.0.12']) {
      const { appId } = await gateway.clientApp();
      const guess = (_: unknown, i: number): Promise<Answer> =>
        gateway.call('POST', '/v1/token', { body: { appId, appPassword: `wrong-${i}` }, from });
      const answers = await Promise.all(Array.from({ length: 40 }, guess));
      lookedAt.push(answers.filter(({ status }) => status === 401).length);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - (lookedAt.at(-1) ?? 0));
    }
    expect(Math.min(...lookedAt)).toBeLessThanOrEqual(10); // of one of them the minute may end
  });

  it('looks at no more tokens of the administrator when they come all at once', async () => {
    const lookedAt: number[] = [];
    for (const from of ['127.0.0.13', '127.0.0.14']) {
      const guess = (_: unknown, i: number): Promise<Answer> =>
        gateway.call('GET', '/v1/client-apps', { token: `at-once-${from}-${i}`, from });
      const answers = await Promise.all(Array.from({ length: 40 }, guess));
      lookedAt.push(answers.filter(({ status }) => status === 401).length);
    }
    expect(Math.min(...lookedAt)).toBeLessThanOrEqual(10);
  });

  it('refuses no right secret, however many come at once', async () => {
    const { appId, appSecret } = await gateway.clientApp();
    const logIn = (): Promise<Answer> =>
      gateway.call('POST', '/v1/token', { body: { appId, appPassword: appSecret }, from: '127.0.0.15' });
    const answers = await Promise.all(Array.from({ length: 40 }, logIn));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });
});

/** Asks again until the answer fits; fails with the last one when it never does. */
async function eventually(ask: () => Promise<Answer>, fits: (answer: Answer) => boolean): Promise<Answer> {
  const until = Date.now() + 6_000;
  for (;;) {
    const answer = await ask();
    if (fits(answer) || Date.now() > until) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
