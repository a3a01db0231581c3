import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LinkSigner, sha256 } from '#platform';
import { gatewayApp, type Answer, type GatewayApp } from '../support/gateway-app.js';

let gateway: GatewayApp;
beforeAll(async () => {
  gateway = await gatewayApp({ PUBLIC_URL: 'https://message.example.com/mc' });
});
afterAll(async () => {
  await gateway.close();
  delete process.env['PUBLIC_URL'];
});

const FIELDS = {
  name: '教务<系统>',
  description: '成绩 & 选课',
  channels: ['portal', 'smart', 'sms'],
  ipAllowlist: ['10.1.0.0/16', '10.2.3.4'],
};
const PAGE = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

const register = async (fields: object = {}): Promise<{ appId: string; appSecret: string; receiptUrl: string }> =>
  (await gateway.admin('POST', '/v1/client-apps', { ...FIELDS, ...fields })).body;

/** As the proxy in front of it would ask the center. */
const open = (url: string, options: object = {}): Promise<Answer> =>
  gateway.call('GET', url.replace('https://message.example.com/mc', ''), options);

const viewsOf = (appId: string) =>
  gateway.database.query<{ actor: string; details: { withSecret: boolean } }>(
    `SELECT actor, details FROM audit_log WHERE action = 'client-app.receipt' AND target = $1 ORDER BY id`,
    [appId],
  );

describe('the receipt of a client app', () => {
  it('tells the administrator everything but the secret', async () => {
    const { appId, appSecret } = await register();
    const { status, body, text } = await gateway.admin('GET', `/v1/client-apps/${appId}/receipt`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: FIELDS.name,
      appId,
      appSecret: null,
      baseUrl: 'https://message.example.com/mc',
    });
    expect(
      body.channels.map(({ label, isOpen }: { label: string; isOpen: boolean }) => `${label}${isOpen ? '是' : '否'}`),
    ).toEqual(['站内信是', '智能模式是', '企业微信否', '邮件否', '短信是', '钉钉否', '公众号否']);
    expect(text).not.toContain(appSecret);
    expect(await viewsOf(appId)).toEqual([{ actor: 'admin', details: { withSecret: false } }]);
  });

  it('opens with the secret to who holds the link that came with it, without a token', async () => {
    const { appId, appSecret, receiptUrl } = await register();
    expect(receiptUrl).toMatch(/^https:\/\/message\.example\.com\/mc\/v1\/client-apps\/[^/]+\/receipt\?/);
    expect((await open(receiptUrl)).body).toMatchObject({ appId, appSecret });
    expect(await viewsOf(appId)).toEqual([{ actor: 'anonymous', details: { withSecret: true } }]);
  });

  it('is a sheet of A4 for browsers: it runs and loads nothing, and what was applied for is text', async () => {
    const { appSecret, receiptUrl } = await register();
    const { status, headers, text } = await open(receiptUrl, PAGE);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect([headers['cache-control'], headers['referrer-policy']]).toEqual(['no-store', 'no-referrer']);
    for (const word of ['应用名称', '应用描述', 'IP白名单', '发送渠道', '是否启用', '接口域名', '应用ID', '应用秘钥']) {
      expect(text).toContain(word);
    }
    expect(text).toContain('教务&lt;系统&gt;');
    expect(text).toContain(appSecret);
    expect(text).not.toMatch(/<script|<系统>|href=|src=/);
  });

  it('says that the secret was handed over where there is none on it', async () => {
    const { appId } = await register({ ipAllowlist: [] });
    const { text } = await gateway.admin('GET', `/v1/client-apps/${appId}/receipt?format=html`);
    expect(text).toMatch(/已在创建时交付/);
    expect(text).toMatch(/不限/);
  });

  it('takes an id that was brought along, whatever its letters', async () => {
    const { receiptUrl, appSecret } = await register({ appId: 'old.app_1-x', appSecret: 'secret-brought-along' });
    expect((await open(receiptUrl)).body.appSecret).toBe(appSecret);
  });

  it('is closed to the old link after a rotation, and open to the new one', async () => {
    const { appId, receiptUrl } = await register();
    const rotated = (await gateway.admin('POST', `/v1/client-apps/${appId}/rotate-secret?overlap=3600`)).body;
    expect((await open(receiptUrl)).status).toBe(403);
    const page = await open(receiptUrl, PAGE);
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('回执链接已失效')]);
    expect((await open(rotated.receiptUrl)).body.appSecret).toBe(rotated.appSecret);
  });

  it('is closed to a link that expired', async () => {
    const { appId, appSecret, receiptUrl } = await register();
    const signedFor = (expiresAtS: number) =>
      gateway.app.get(LinkSigner).sign('access receipt', `${appId}\n${sha256(appSecret).toString('hex')}`, expiresAtS);
    const link = new URL(receiptUrl);
    expect(link.searchParams.get('signature')).toBe(signedFor(Number(link.searchParams.get('expires'))));
    const agoS = Math.floor(Date.now() / 1000) - 1;
    expect((await open(`/v1/client-apps/${appId}/receipt?expires=${agoS}&signature=${signedFor(agoS)}`)).status).toBe(
      403,
    );
  });

  it('is closed to forged links, which are answered alike for apps that are not there', async () => {
    const [one, other] = [await register(), await register()];
    const query = new URL(one.receiptUrl).search;
    for (const appId of [other.appId, 'nobody']) {
      expect((await open(`/v1/client-apps/${appId}/receipt${query}`)).body).toMatchObject({
        status: 403,
        code: 'forbidden',
      });
    }
    const later = query.replace(/expires=\d+/, (text) => `${text}0`);
    expect((await open(`/v1/client-apps/${one.appId}/receipt${later}`)).status).toBe(403);
    expect(await viewsOf(one.appId)).toEqual([]);
  });

  it.each(['', '?format=html', '?expires=1', '?signature=x'])(
    'needs the administrator without a whole link (%s)',
    async (query) => {
      const { appId } = await register();
      expect((await open(`/v1/client-apps/${appId}/receipt${query}`)).status).toBe(401);
    },
  );

  it('is not there for an app that is not there', async () => {
    expect((await gateway.admin('GET', '/v1/client-apps/nobody/receipt')).status).toBe(404);
  });
});
