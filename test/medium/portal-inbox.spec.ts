import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PortalSessionRepository } from '#entities';
import { sha256 } from '#platform';
import { openEvents, type EventReader } from '../support/event-source.js';
import { formAction, portalCenter, type PortalCenter } from '../support/portal-visitor.js';

let portal: PortalCenter;
beforeAll(async () => {
  portal = await portalCenter();
});
afterAll(() => portal.center.close());

const person = async (userId: string): Promise<string> => {
  await portal.center.person(userId, {});
  return portal.signIn(userId);
};
const titlesOf = (page: string): string[] =>
  [...page.matchAll(/class="title">([^<]*)</g)].map(([, title]) => title ?? '');
const countsOf = (page: string): Record<string, number> =>
  Object.fromEntries(
    [...page.matchAll(/data-count="(\w+)"[^>]*>(\d+)</g)].map(([, tab, count]) => [tab, Number(count)]),
  );

describe('the inbox', () => {
  it('asks whoever is not signed in to sign in, and comes back to the same tab', async () => {
    const answer = await portal.get('/portal?state=done&q=a%26b');
    expect(answer.status).toBe(303);
    const target = new URL(String(answer.headers['location']), 'http://x');
    expect([target.pathname, target.searchParams.get('returnTo')]).toEqual([
      '/portal/sign-in',
      '/portal?state=done&q=a%26b',
    ]);
  });

  it('sorts messages into four tabs with their counts, to-dos first', async () => {
    const cookie = await person('tabs');
    expect((await portal.get('/portal', { cookie })).text).toContain('没有未读消息。');
    await portal.deliver('tabs', { title: 'notice', text: 'a' });
    const read = await portal.deliver('tabs', { title: 'old <notice>', text: 'a' });
    await portal.post(formAction((await portal.get(portal.linkTo(read))).text, 'read') ?? '');
    await portal.deliver('tabs', { title: 'task', text: 'a' }, { kind: 'todo' });
    const first = await portal.get('/portal', { cookie });
    expect(countsOf(first.text)).toEqual({ open: 1, unread: 1, done: 0, read: 1 });
    expect(first.text).toMatch(/state=open" +aria-current="page"/);
    expect(titlesOf(first.text)).toEqual(['task']);
    expect(first.text).toMatch(/Shop · <time datetime=/);
    expect(titlesOf((await portal.get('/portal?state=read', { cookie })).text)).toEqual(['old &lt;notice&gt;']);
    expect((await portal.get('/portal?state=done', { cookie })).text).toContain('还没有已办的事项。');
    expect(first.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  it('finds titles in every tab, and takes each character for itself', async () => {
    const cookie = await person('finder');
    for (const title of ['100% sure', '100 sheep', 'under_score']) await portal.deliver('finder', { title, text: 'a' });
    const found = async (q: string): Promise<string[]> =>
      titlesOf((await portal.get(`/portal?${new URLSearchParams({ q }).toString()}`, { cookie })).text);
    expect(await found('100%')).toEqual(['100% sure']);
    expect(await found('_')).toEqual(['under_score']);
    expect(await found('SHEEP')).toEqual(['100 sheep']);
    expect(await found('<script>')).toEqual([]);
    const page = await portal.get('/portal?q=%3Cscript%3E', { cookie, 'accept-language': 'en' });
    expect(page.text).toContain('0 messages have “&lt;script&gt;” in the title');
  });

  it('pages through what does not fit on one, and takes any number for a page', async () => {
    const cookie = await person('pager');
    for (let i = 1; i <= 21; i++) await portal.deliver('pager', { title: `no ${i}`, text: 'a' });
    const first = await portal.get('/portal', { cookie });
    expect([titlesOf(first.text).length, first.text.includes('第 1 页，共 2 页')]).toEqual([20, true]);
    const next = /rel="next" href="([^"]+)"/.exec(first.text.replace(/\s+/g, ' '))?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(titlesOf((await portal.get(next, { cookie })).text)).toEqual(['no 1']);
    for (const page of ['0', '-1', '99999999', 'x', '9999']) {
      expect((await portal.get(`/portal?page=${page}`, { cookie })).status).toBe(200);
    }
  });
});

describe('live counts', () => {
  const opened: EventReader[] = [];
  const listen = async (cookie: string, lastId?: string): Promise<EventReader> => {
    const headers = { cookie, ...(lastId && { 'last-event-id': lastId }) };
    const reader = await openEvents(`http://127.0.0.1:${portal.center.port}/portal/events`, headers);
    opened.push(reader);
    return reader;
  };
  const repository = (): PortalSessionRepository => portal.center.app.get(PortalSessionRepository, { strict: false });
  afterAll(() => opened.forEach((reader) => reader.close()));

  it('are for people who are signed in', async () => {
    expect((await portal.get('/portal/events')).status).toBe(401);
  });

  it('say at once how things stand, then what changes, on every page of the person', async () => {
    const cookie = await person('live');
    const [one, two] = [await listen(cookie), await listen(cookie)];
    expect(one.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(one.headers['cache-control']).toContain('no-store');
    for (const page of [one, two]) expect((await page.next()).data).toEqual({ unread: 0, open: 0, newest: null });
    const ref = await portal.deliver('live', { title: 'news', text: 'a' });
    for (const page of [one, two]) {
      expect(await page.next()).toEqual({ event: 'counts', id: ref, data: { unread: 1, open: 0, newest: ref } });
    }
    await portal.post(formAction((await portal.get(portal.linkTo(ref))).text, 'read') ?? '');
    expect((await two.next()).data).toMatchObject({ unread: 0 });
  });

  it('tell whoever comes back what came meanwhile', async () => {
    const cookie = await person('back');
    const seen = await portal.deliver('back', { title: 'seen', text: 'a' });
    const missed = await portal.deliver('back', { title: 'missed', text: 'a' }, { kind: 'todo' });
    const reader = await listen(cookie, seen);
    expect(await reader.next()).toEqual({
      event: 'message',
      id: missed,
      data: { id: missed, title: 'missed', source: 'Shop', state: 'open', url: `/portal/m/${missed}` },
    });
    expect((await reader.next()).data).toEqual({ unread: 1, open: 1, newest: missed });
    const strange = await listen(cookie, 'no id of ours');
    expect((await strange.next()).event).toBe('counts');
  });

  it('stop where a person has too many pages open', async () => {
    const cookie = await person('tabs-everywhere');
    const pages = await Promise.all(Array.from({ length: 8 }, () => listen(cookie)));
    expect(pages.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await listen(cookie)).status).toBe(429);
    pages[0]?.close();
    const again = await portal.center.until(
      'a place is free',
      () => listen(cookie),
      ({ status }) => status === 200,
    );
    expect((await again.next()).event).toBe('counts');
  });

  it('end at once when the person signs out, on all pages of that sign-in and on no other', async () => {
    const cookie = await person('signs-out');
    const elsewhere = await listen(await portal.signIn('signs-out'));
    const pages = [await listen(cookie), await listen(cookie)];
    for (const page of [...pages, elsewhere]) await page.next();
    const ended = Promise.all(pages.map((page) => page.ended()));
    // The look at all sign-ins, which would find it out in the end, does not count here.
    const look = jest.spyOn(repository(), 'valid').mockImplementation((all) => Promise.resolve(new Set(all)));
    expect((await portal.post('/portal/sign-out', {}, { cookie })).status).toBe(303);
    await ended;
    look.mockRestore();
    await portal.deliver('signs-out', { title: 'later', text: 'a' });
    expect((await elsewhere.next()).data).toMatchObject({ unread: 1 });
    expect((await listen(cookie)).status).toBe(401);
  });

  it('end when the sign-in is over, ended elsewhere, or of somebody who was removed', async () => {
    const cookies = [
      await person('stays'),
      await person('too-long'),
      await person('was-removed'),
      await person('goes'),
    ];
    const sessions = cookies.map((cookie) => sha256(cookie.split('=')[1] ?? '').toString('hex'));
    await portal.center.rows(`UPDATE portal_session SET expires_at = now() WHERE user_id = 'too-long'`);
    expect((await portal.center.admin('DELETE', '/v1/users/was-removed')).status).toBe(204);
    await portal.post('/portal/sign-out', {}, { cookie: cookies[3] ?? '' });
    expect([...(await repository().valid(sessions))]).toEqual([sessions[0]]);
  });

  it('end when the process does', async () => {
    const replica = await portal.center.replica();
    const cookie = await person('leaver');
    const reader = await openEvents(`http://127.0.0.1:${replica.port}/portal/events`, { cookie });
    await reader.next();
    const ended = reader.ended();
    await replica.close();
    await ended;
  });
});
