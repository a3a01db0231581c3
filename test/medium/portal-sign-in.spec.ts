import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DatabaseClock, UpkeepRepository } from '#entities';
import { PortalConfig, sha256 } from '#platform';
import { CookieClient } from '../support/cookie-client.js';
import { OIDC_CLIENT, oidcIssuer, type OidcIssuer } from '../support/fakes/oidc-issuer.js';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';

const HOUR_MS = 3_600_000;

let gateway: GatewayApp;
let issuer: OidcIssuer;
let center: string;
let browser: CookieClient;

beforeAll(async () => {
  issuer = await oidcIssuer();
  gateway = await gatewayApp({
    OIDC_ISSUER: issuer.url,
    OIDC_CLIENT_ID: OIDC_CLIENT.id,
    OIDC_CLIENT_SECRET: OIDC_CLIENT.secret,
  });
  center = `http://127.0.0.1:${gateway.port}`;
});
afterAll(async () => {
  await gateway.close();
  await issuer.close();
  for (const name of ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']) delete process.env[name];
});
afterEach(() => {
  jest.restoreAllMocks();
});
beforeEach(() => {
  browser = new CookieClient();
  issuer.isDown = false;
  issuer.person = { sub: 'f:7', claims: { preferred_username: 'zhang' } };
});

const start = (returnTo = '/portal') => `${center}/portal/sign-in/start?returnTo=${encodeURIComponent(returnTo)}`;
const isCallback = (url: string) => url.startsWith(`${center}/portal/sign-in/callback`);
const isPage = (url: string) => url.startsWith(center) && !isCallback(url);
const problemOf = (url: string) => new URL(url).searchParams.get('problem');

/** Whoever the browser's cookie belongs to, by the database. */
async function signedIn(of = browser): Promise<string | null> {
  const token = of.cookies(center).get('mc_portal');
  if (token === undefined) return null;
  const [row] = await gateway.database.query<{ user_id: string }>(
    'SELECT user_id FROM portal_session WHERE token_hash = $1',
    [sha256(token)],
  );
  return row?.user_id ?? null;
}

describe('an issuer that is down', () => {
  it('keeps nothing from starting; the page says so and has its button still', async () => {
    issuer.isDown = true;
    const url = await browser.follow(start());
    expect(problemOf(url)).toBe('unreachable');
    const page = await browser.get(url);
    expect(page.status).toBe(503);
    expect(await page.text()).toMatch(/暂时没有响应[\s\S]*\/portal\/sign-in\/start/);
  });

  it('is asked again by the next who comes', async () => {
    await issuer.register(center);
    expect(await browser.follow(start(), isPage)).toBe(`${center}/portal`);
    expect(await signedIn()).toBe('zhang');
  });

  it('may go down between the two halves of a sign-in', async () => {
    const callback = await browser.follow(start(), isCallback);
    issuer.isDown = true;
    expect(problemOf(await browser.follow(callback, isPage))).toBe('unreachable');
    expect(await signedIn()).toBeNull();
  });
});

describe('signing in at the issuer', () => {
  it('leads back to the page that was asked for, with a cookie that scripts and other sites do not get', async () => {
    const callback = await browser.follow(start('/portal?state=open'), isCallback);
    const answer = await browser.get(callback);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/portal?state=open');
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('mc_portal='));
    expect(cookie).toMatch(/^mc_portal=[\w-]{43}; Path=\/portal; Max-Age=28800; HttpOnly; SameSite=Lax$/);
    expect(await signedIn()).toBe('zhang');
    const again = await browser.get(`${center}/portal/sign-in?returnTo=/portal/x`);
    expect([again.status, again.headers.get('location')]).toEqual([303, '/portal/x']);
  });

  it('uses PKCE, state and nonce, new ones each time', async () => {
    const asked = await Promise.all(
      [new CookieClient(), new CookieClient()].map(
        async (one) => new URL((await one.get(start())).headers.get('location') ?? ''),
      ),
    );
    for (const { searchParams } of asked) {
      expect(searchParams.get('code_challenge_method')).toBe('S256');
      expect(searchParams.get('redirect_uri')).toBe(`${center}/portal/sign-in/callback`);
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(new Set(asked.map(({ searchParams }) => searchParams.get(name) ?? '')).size).toBe(2);
    }
  });

  it('takes the subject where the issuer tells no name', async () => {
    issuer.person = { sub: 'f:8', claims: {} };
    await browser.follow(start(), isPage);
    expect(await signedIn()).toBe('f:8');
  });

  it('refuses somebody of whom the issuer does not tell the claim that was set', async () => {
    const config = gateway.app.get(PortalConfig);
    config.OIDC_USER_CLAIM = ['employee_number'];
    const url = await browser.follow(start(), isPage);
    config.OIDC_USER_CLAIM = new PortalConfig().OIDC_USER_CLAIM;
    expect(problemOf(url)).toBe('no_user_id');
    expect((await browser.get(url)).status).toBe(403);
    expect(await signedIn()).toBeNull();
  });

  it('refuses a forged state', async () => {
    const callback = new URL(await browser.follow(start(), isCallback));
    callback.searchParams.set('state', 'forged');
    expect(problemOf(await browser.follow(callback.href, isPage))).toBe('refused');
    expect(await signedIn()).toBeNull();
  });

  it('refuses an identity that was told for another nonce', async () => {
    const asked = new URL((await browser.get(start())).headers.get('location') ?? '');
    asked.searchParams.set('nonce', 'another');
    expect(problemOf(await browser.follow(asked.href, isPage))).toBe('refused');
    expect(await signedIn()).toBeNull();
  });

  it('refuses a code that was used, also with the cookie of its first use', async () => {
    const callback = await browser.follow(start(), isCallback);
    const kept = browser.cookies(center).get('mc_sign_in') ?? '';
    await browser.follow(callback, isPage);
    const thief = new CookieClient();
    const answer = await thief.get(callback, { headers: { cookie: `mc_sign_in=${kept}` } });
    expect(answer.headers.get('location')).toContain('problem=refused');
    expect(answer.headers.getSetCookie().join()).not.toContain('mc_portal');
  });

  it('takes an answer only from the browser that began, within ten minutes', async () => {
    const callback = await browser.follow(start(), isCallback);
    expect(problemOf(await new CookieClient().follow(callback, isPage))).toBe('stale');
    const sealed = browser.cookies(center).get('mc_sign_in') ?? '';
    const forged = `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`;
    for (const cookie of ['mc_sign_in=', `mc_sign_in=${forged}`, 'mc_sign_in=%', `x=${sealed}`]) {
      const answer = await new CookieClient().get(callback, { headers: { cookie } });
      expect(answer.headers.get('location')).toContain('problem=stale');
    }
  });

  it.each([
    ['goes on after the wall clock jumped', () => jest.spyOn(Date, 'now'), 2 * HOUR_MS, 'refused'],
    ['is over ten minutes later', () => jest.spyOn(gateway.app.get(DatabaseClock), 'nowMs'), HOUR_MS / 6, 'stale'],
  ])('%s, by the clock of the database', async (_what, clock, laterMs, problem) => {
    const callback = new URL(await browser.follow(start(), isCallback));
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    const cookie = `mc_sign_in=${browser.cookies(center).get('mc_sign_in')}`;
    clock().mockReturnValue(gateway.app.get(DatabaseClock).nowMs() + laterMs);
    const answer = await new CookieClient().get(callback.href, { headers: { cookie } });
    expect(answer.headers.get('location')).toContain(`problem=${problem}`);
  });

  it('tells that the person, or the issuer, said no', async () => {
    const callback = new URL(await browser.follow(start('/portal?state=done'), isCallback));
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    const url = await browser.follow(callback.href, isPage);
    expect(problemOf(url)).toBe('refused');
    const page = await browser.get(url, { headers: { 'accept-language': 'en' } });
    expect(page.status).toBe(403);
    expect(await page.text()).toMatch(/was not completed[\s\S]*returnTo=%2Fportal%3Fstate%3Ddone/);
  });

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/v1/users', 'javascript:alert(1)'])(
    'goes on to the inbox instead of %s',
    async (returnTo) => {
      expect(await browser.follow(start(returnTo), isPage)).toBe(`${center}/portal`);
      const page = await browser.get(`${center}/portal/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
      expect(page.headers.get('location')).toBe('/portal');
    },
  );

  it('seals what the browser keeps meanwhile', async () => {
    const asked = new URL((await browser.get(start())).headers.get('location') ?? '');
    const kept = Buffer.from(browser.cookies(center).get('mc_sign_in') ?? '', 'base64url').toString('latin1');
    expect(kept).not.toContain(asked.searchParams.get('nonce'));
    expect(kept).not.toContain('verifier');
  });
});

describe('a session', () => {
  it('ends with the sign-out, which offers the way out of the issuer too', async () => {
    await browser.follow(start(), isPage);
    const token = browser.cookies(center).get('mc_portal') ?? '';
    const out = await browser.get(`${center}/portal/sign-out`, { method: 'POST' });
    expect([out.status, out.headers.get('location')]).toEqual([303, '/portal/sign-in?signedOut']);
    expect(browser.cookies(center).has('mc_portal')).toBe(false);
    const page = await (await browser.get(`${center}/portal/sign-in?signedOut`)).text();
    expect(page).toContain('您已退出消息中心');
    expect(page).toContain(`${issuer.url}/session/end?`);
    const old = await new CookieClient().get(`${center}/portal/sign-in`, { headers: { cookie: `mc_portal=${token}` } });
    expect(old.status).toBe(200);
  });

  it('is not ended by another site', async () => {
    await browser.follow(start(), isPage);
    const elsewhere: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
    ];
    for (const headers of elsewhere) {
      expect((await browser.get(`${center}/portal/sign-out`, { method: 'POST', headers })).status).toBe(403);
    }
    expect(await signedIn()).toBe('zhang');
  });

  it('ends by the clock of the database, and is removed then', async () => {
    await browser.follow(start(), isPage);
    await gateway.database.query(`UPDATE portal_session SET expires_at = now() - interval '1 second'`);
    expect((await browser.get(`${center}/portal/sign-in`)).status).toBe(200);
    await gateway.app.get(UpkeepRepository).dropStale(1000, 30);
    expect(await gateway.database.query('SELECT 1 FROM portal_session')).toEqual([]);
  });

  it('ends when the person leaves the directory', async () => {
    await gateway.admin('PUT', '/v1/users/zhang', { name: '张三' });
    await browser.follow(start(), isPage);
    expect(await signedIn()).toBe('zhang');
    await gateway.admin('DELETE', '/v1/users/zhang');
    expect(await signedIn()).toBeNull();
  });

  it('is known by its hash only', async () => {
    await browser.follow(start(), isPage);
    const token = browser.cookies(center).get('mc_portal') ?? '';
    const rows = await gateway.database.query<{ stored: string }>(
      'SELECT portal_session::text AS stored FROM portal_session',
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map((row) => row.stored).join()).not.toContain(Buffer.from(token).toString('hex'));
  });

  it.each(['mc_portal=', 'mc_portal=x', `mc_portal=${'a'.repeat(43)}`, `other=1; mc_portal=${'%00'.repeat(9)}`])(
    'is nobody’s with the cookie %s',
    async (cookie) => {
      expect((await browser.get(`${center}/portal/sign-in`, { headers: { cookie } })).status).toBe(200);
    },
  );
});

describe('POST /v1/portal-sessions', () => {
  const exchange = async (body: object, features = ['user-list']) => {
    const { token } = await gateway.clientApp({ features });
    return gateway.call('POST', '/v1/portal-sessions', { token, body });
  };
  beforeAll(() => gateway.admin('PUT', '/v1/users/li', { name: '李四' }));

  it('answers a link that opens the portal for the person, once', async () => {
    const { status, body } = await exchange({ userId: 'li', returnTo: '/portal?state=open' });
    expect(status).toBe(201);
    expect(body.url).toMatch(new RegExp(`^${center}/portal/enter\\?code=[\\w-]{43}$`));
    expect(Date.parse(body.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
    expect((await browser.get(body.url)).headers.get('location')).toBe('/portal?state=open');
    expect(await signedIn()).toBe('li');
    const second = new CookieClient();
    const page = await second.get(await second.follow(body.url));
    expect([page.status, await signedIn(second)]).toEqual([403, null]);
    expect(await page.text()).toContain('已经用过');
  });

  it('lets in one of many who open it at the same moment', async () => {
    const { body } = await exchange({ userId: 'li' });
    const browsers = Array.from({ length: 10 }, () => new CookieClient());
    await Promise.all(browsers.map((one) => one.get(body.url)));
    const users = await Promise.all(browsers.map((one) => signedIn(one)));
    expect(users.filter((user) => user !== null)).toEqual(['li']);
  });

  it('lets nobody in after 60 seconds', async () => {
    const { body } = await exchange({ userId: 'li' });
    await gateway.database.query(`UPDATE portal_entry SET expires_at = now() - interval '1 second'`);
    expect(problemOf(await browser.follow(body.url))).toBe('spent');
    expect(await signedIn()).toBeNull();
  });

  it.each([
    ['an unknown person', { userId: 'nobody-we-know' }, 404],
    ['no person', {}, 400],
    ['an address elsewhere', { userId: 'li', returnTo: 'https://evil.example/portal' }, 400],
    ['an address elsewhere without a scheme', { userId: 'li', returnTo: '//evil.example/portal' }, 400],
    ['a page that is none of the portal', { userId: 'li', returnTo: '/v1/users' }, 400],
  ])('refuses %s', async (_what, body, status) => {
    expect((await exchange(body)).status).toBe(status);
  });

  it('is for client apps with the feature user-list', async () => {
    expect((await exchange({ userId: 'li' }, [])).status).toBe(403);
    expect((await gateway.admin('POST', '/v1/portal-sessions', { userId: 'li' })).status).toBe(403);
    expect((await gateway.call('POST', '/v1/portal-sessions', { body: { userId: 'li' } })).status).toBe(401);
  });

  it('is audited, without the code', async () => {
    const { body } = await exchange({ userId: 'li' });
    const lines = await gateway.database.query<{ actor: string; line: string }>(
      `SELECT actor, audit_log::text AS line FROM audit_log WHERE action = 'portal-session.create' AND target = 'li'`,
    );
    expect(lines.at(-1)?.actor).toMatch(/^app:/);
    expect(lines.map(({ line }) => line).join()).not.toContain(new URL(body.url).searchParams.get('code'));
  });

  it.each(['', '?code=', '?code=x', '?code=a&code=b', `?code=${'a'.repeat(43)}`])(
    'shows the way to who opens /portal/enter%s',
    async (query) => {
      expect(problemOf(await browser.follow(`${center}/portal/enter${query}`))).toBe('spent');
    },
  );
});
