import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { formAction, portalCenter, type PortalCenter } from '../support/portal-visitor.js';

const DAY_MS = 24 * 3_600_000;

let portal: PortalCenter;
beforeAll(async () => {
  portal = await portalCenter();
  for (const userId of ['li', 'wang']) await portal.center.person(userId, {});
});
afterAll(() => portal.center.close());

const stateOf = async (ref: string): Promise<string> => {
  const { body } = await portal.center.admin('GET', '/v1/users/li/inbox?limit=100');
  return body.items.find(({ id }: { id: string }) => id === ref)?.state as string;
};

describe('the page of one message', () => {
  it('opens by its link alone and says who sent what and when', async () => {
    const ref = await portal.deliver('li', {
      title: '放假 <通知>',
      text: '明天放假。\n详见 https://a.example/x?y=1。',
    });
    const page = await portal.get(portal.linkTo(ref));
    expect(page.status).toBe(200);
    expect(page.text).toContain('<h1>放假 &lt;通知&gt;</h1>');
    expect(page.text).toContain('Shop');
    expect(page.text).toMatch(/<time datetime="20\d\d-[^"]+Z"/);
    expect(page.text).toContain('明天放假。\n详见 <a href="https://a.example/x?y&#x3D;1"'.replace('&#x3D;', '='));
    expect(page.text).toContain('class="chip unread">未读<');
  });

  it('loads nothing from elsewhere, tells nobody where the reader came from, and is kept by nobody', async () => {
    const ref = await portal.deliver('li', {
      title: 't',
      html: '<p style="color:red">a</p><img src="https://a.example/inside.png">',
      iconUrl: 'https://a.example/cover.png',
    });
    const { headers, text } = await portal.get(portal.linkTo(ref));
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'sha256-[^']+'; img-src 'self';/);
    expect(policy).toMatch(/form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/);
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(text).not.toMatch(/ style=/);
    for (const picture of ['cover', 'inside']) {
      expect(text).toContain(`src="/portal/image?u=https%3A%2F%2Fa.example%2F${picture}.png&amp;e=`);
    }
    for (const [, url] of text.matchAll(/(?:src|href|action)="([^"]*)"/g)) expect(url).toMatch(/^[/#]/);
  });

  it('opens by its link, and takes what its page sends, whatever the wall clock says meanwhile', async () => {
    const ref = await portal.deliver('li', { title: 'to read', text: 'a' });
    const [link, now] = [portal.linkTo(ref), Date.now()];
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 30 * DAY_MS);
    try {
      const page = await portal.get(link);
      expect(page.status).toBe(200);
      clock.mockReturnValue(now - 30 * DAY_MS);
      expect((await portal.post(formAction(page.text, 'read') ?? '')).status).toBe(303);
      clock.mockReturnValue(now + 30 * DAY_MS);
      expect((await portal.get(portal.linkTo(ref))).status).toBe(200);
    } finally {
      clock.mockRestore();
    }
  });

  it('is read only when its page says so: fetching it changes nothing', async () => {
    const ref = await portal.deliver('li', { title: 'to read', text: 'a' });
    const link = portal.linkTo(ref);
    const page = await portal.get(link);
    await portal.center.call('HEAD' as 'GET', link);
    await portal.get(link.replace('?', '/read?'));
    expect(await stateOf(ref)).toBe('unread');
    const action = formAction(page.text, 'read') ?? '';
    expect((await portal.post(action, {}, { accept: 'application/json' })).status).toBe(204);
    expect(await stateOf(ref)).toBe('read');
    expect(formAction((await portal.get(link)).text, 'read')).toBeNull();
  });

  it('closes a to-do once, and says so', async () => {
    const ref = await portal.deliver(
      'li',
      { title: 'to do', text: 'a', url: 'https://a.example/do' },
      { kind: 'todo' },
    );
    const page = await portal.get(portal.linkTo(ref));
    expect(page.text).toMatch(/>去处理<\/a/);
    const done = await portal.post(formAction(page.text, 'done') ?? '');
    expect(done.status).toBe(303);
    const after = await portal.get(String(done.headers['location']));
    expect(after.text).toContain('已标为已办。');
    expect(formAction(after.text, 'done')).toBeNull();
    expect(await stateOf(ref)).toBe('done');
  });

  it('takes replies where the message does, and shows the person’s own', async () => {
    const ref = await portal.deliver('li', { title: 'ask', text: 'a' }, { reply: true });
    const action = formAction((await portal.get(portal.linkTo(ref))).text, 'reply') ?? '';
    const sent = await portal.post(action, { text: ' 好的 <b>\r\n谢谢 ' });
    expect(sent.status).toBe(303);
    const after = await portal.get(String(sent.headers['location']));
    expect(after.text).toContain('好的 &lt;b&gt;\n谢谢');
    const uplinks = await portal.center.admin('GET', '/v1/uplinks');
    expect(uplinks.body.items[0]).toMatchObject({ channel: 'portal', text: '好的 <b>\n谢谢' });
    for (const text of ['', '  \n ', 'x'.repeat(2001), 'a\u0000b']) {
      expect((await portal.post(action, { text })).status).toBe(400);
    }
    expect((await portal.post(action, { text: '字'.repeat(2000) })).status).toBe(303);
  });

  it('takes no replies where the message does not', async () => {
    const ref = await portal.deliver('li', { title: 'tell', text: 'a' });
    const link = portal.linkTo(ref);
    expect(formAction((await portal.get(link)).text, 'reply')).toBeNull();
    expect((await portal.post(link.replace('?', '/reply?'), { text: 'a' })).status).toBe(409);
  });

  it('leads computers and phones each to their own page, where they differ', async () => {
    const both = { url: 'https://a.example/m', pcUrl: 'https://a.example/pc' };
    const page = await portal.get(portal.linkTo(await portal.deliver('li', { title: 't', text: 'a', ...both })));
    expect(page.text).toMatch(/href="https:\/\/a.example\/pc"[^>]*>在电脑上打开<[\s\S]*href="https:\/\/a.example\/m"/);
  });

  it('speaks the language of its reader, and keeps the one that was chosen', async () => {
    const link = portal.linkTo(await portal.deliver('li', { title: 't', text: 'a' }));
    const english = await portal.get(link, { 'accept-language': 'de, en-GB;q=0.8, zh;q=0.2' });
    expect(english.text).toMatch(/<html lang="en">[\s\S]*>Unread</);
    const chosen = await portal.get(`${link}&lang=en`);
    const [cookie] = [chosen.headers['set-cookie'] ?? []].flat();
    expect((await portal.get(link, { cookie: String(cookie).split(';')[0] ?? '' })).text).toContain('<html lang="en">');
    expect((await portal.get(link)).text).toContain('<html lang="zh-CN">');
  });
});

describe('who may open a message', () => {
  const swapped = (text: string): string => text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));

  it('nobody with a link that was changed, nor with that of another message', async () => {
    const ref = await portal.deliver('li', { title: 'mine', text: 'secret words' });
    const other = await portal.deliver('wang', { title: 'his', text: 'b' });
    const link = portal.linkTo(ref);
    const { searchParams } = new URL(link, 'http://x');
    const [e, sig] = [searchParams.get('e') ?? '', searchParams.get('sig') ?? ''];
    const own = new URL(portal.linkTo(other), 'http://x').search;
    for (const query of [
      own,
      `?e=${e}`,
      `?sig=${sig}`,
      `?e=${e}&sig=${swapped(sig.slice(0, -1))}A`,
      `?e=${Number(e) + 3600}&sig=${sig}`,
      `?e=${e}&sig=${sig}&sig=${sig}`,
      `?e=1e9&sig=${sig}`,
    ]) {
      const page = await portal.get(`/portal/m/${ref}${query}`);
      expect([query, page.status]).toEqual([query, 403]);
      expect(page.text).not.toContain('secret words');
      for (const action of ['read', 'done', 'reply']) {
        expect((await portal.post(`/portal/m/${ref}/${action}${query}`, { text: 'a' })).status).toBe(403);
      }
    }
    expect(await stateOf(ref)).toBe('unread');
  });

  it('nobody with a link older than seven days, which is told how to go on', async () => {
    const ref = await portal.deliver('li', { title: 'mine', text: 'secret words' });
    expect((await portal.get(portal.oldLinkTo(ref, 7 * DAY_MS - 60_000))).status).toBe(200);
    const late = await portal.get(portal.oldLinkTo(ref, 7 * DAY_MS + 3_600_000));
    expect(late.status).toBe(410);
    expect(late.text).toContain('链接已过期');
    expect(late.text).not.toContain('secret words');
    expect((await portal.post(portal.oldLinkTo(ref, 8 * DAY_MS).replace('?', '/read?'))).status).toBe(410);
  });

  it('the person himself when signed in, and no other', async () => {
    const ref = await portal.deliver('li', { title: 'mine', text: 'secret words' });
    const path = `/portal/m/${ref}`;
    const out = await portal.get(path);
    expect([out.status, out.headers['location']]).toEqual([
      303,
      `/portal/sign-in?returnTo=${encodeURIComponent(path)}`,
    ]);
    expect((await portal.get(path, { cookie: await portal.signIn('li') })).text).toContain('secret words');
    const thief = await portal.get(path, { cookie: await portal.signIn('wang') });
    expect([thief.status, thief.text.includes('secret words')]).toEqual([404, false]);
    expect((await portal.get(portal.oldLinkTo(ref, 8 * DAY_MS), { cookie: await portal.signIn('li') })).status).toBe(
      200,
    );
  });

  it('nobody where there is no such message', async () => {
    const cookie = await portal.signIn('li');
    for (const ref of ['x', 'A'.repeat(35), '../..', '%00', 'a'.repeat(400)]) {
      expect((await portal.get(`/portal/m/${encodeURIComponent(ref)}`, { cookie })).status).toBe(404);
    }
  });

  it('is told on a page in the reader’s language, also where no page is', async () => {
    for (const path of ['/portal/nothing', '/portal/m', '/portal/m/a/b/c']) {
      const page = await portal.get(path, { 'accept-language': 'en' });
      expect([page.status, page.text.includes('<h1>Page not found</h1>')]).toEqual([404, true]);
    }
  });

  it('nothing is done for forms of other sites, nor for a session alone', async () => {
    const ref = await portal.deliver('li', { title: 'mine', text: 'a' }, { kind: 'todo' });
    const cookie = await portal.signIn('li');
    const action = formAction((await portal.get(`/portal/m/${ref}`, { cookie })).text, 'done') ?? '';
    expect((await portal.post(`/portal/m/${ref}/done`, {}, { cookie })).status).toBe(403);
    const strange: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
    ];
    for (const headers of strange) expect((await portal.post(action, {}, { cookie, ...headers })).status).toBe(403);
    expect(await stateOf(ref)).toBe('open');
    const own = { cookie, 'sec-fetch-site': 'same-origin', origin: 'null' };
    const done = await portal.post(action, {}, own);
    expect([done.status, done.headers['location']]).toEqual([303, `/portal/m/${ref}?did=done`]);
  });
});
