import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import {
  NO_FINDINGS,
  auditOf,
  keepPicture,
  openBrowser,
  openWindow,
  whyNoBrowser,
  type Window,
} from '../support/browser.js';
import { portalCenter, type PortalCenter } from '../support/portal-visitor.js';
import { XSS_CORPUS } from '../support/xss-corpus.js';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const RICH = `<h2>关于国庆假期值班安排的通知</h2><p style="text-indent:2em">各部门：</p>
<p style="text-indent:2em">根据安排，<b style="color:#c00">10 月 1 日至 7 日</b>放假。值班表如下，请于 <u>9 月 28 日</u>前确认。</p>
<table border="1" style="border-collapse:collapse;width:100%"><tr><th>日期</th><th>值班人</th><th>电话</th></tr>
<tr><td>10 月 1 日</td><td>张三</td><td>8001</td></tr><tr><td>10 月 2 日</td><td>李四</td><td>8002</td></tr></table>
<p>详情见<a href="https://a.example/notice">公告</a>。</p>`;

/** What a message could have changed of its page. */
const LOOK = `({
  scripts: document.scripts.length,
  base: document.baseURI === location.href,
  body: getComputedStyle(document.body).display,
  covered: !document.querySelector('.top').contains(document.elementFromPoint(5, 5)),
  strangers: document.querySelectorAll('#content :is(script, style, iframe, form, input, svg, math, object, embed, link, meta, base, [id])').length,
})`;
const UNTOUCHED = { scripts: 1, base: true, body: 'block', covered: false, strangers: 0 };

(whyNoBrowser === null ? describe : describe.skip)(
  `the portal in a browser${whyNoBrowser ? ` (skipped: ${whyNoBrowser})` : ''}`,
  () => {
    let portal: PortalCenter;
    let browser: Browser;
    let origin: string;
    const windows: Window[] = [];
    beforeAll(async () => {
      [portal, browser] = await Promise.all([portalCenter(), openBrowser()]);
      origin = `http://127.0.0.1:${portal.center.port}`;
    });
    afterAll(async () => {
      await browser?.close();
      await portal?.center.close();
    });
    afterEach(async () => {
      for (const { context, mishaps } of windows.splice(0)) {
        await context.close();
        expect(mishaps).toEqual({ dialogs: [], outside: [], errors: [] });
      }
    });

    const visit = async (options: BrowserContextOptions & { cookie?: string } = {}): Promise<Page> => {
      const window = await openWindow(browser, origin, options);
      windows.push(window);
      return window.page;
    };
    const person = async (userId: string): Promise<string> => {
      await portal.center.person(userId, {});
      return portal.signIn(userId);
    };

    it('a message is read by being looked at', async () => {
      await person('reader');
      const ref = await portal.deliver('reader', { title: '放假通知', text: '明天放假' });
      const page = await visit();
      await page.goto(portal.linkTo(ref));
      await page.locator('.chip.read').waitFor();
      expect(await page.locator('.chip').textContent()).toBe('已读');
      expect(await page.getByRole('button').count()).toBe(0);
      const inbox = await portal.center.admin('GET', '/v1/users/reader/inbox');
      expect(inbox.body.items[0].state).toBe('read');
    });

    it('a to-do is answered and finished', async () => {
      await person('doer');
      const content = {
        title: '报销单待审批',
        text: '张三提交了报销单，请审批。',
        url: 'https://a.example/m/7',
        pcUrl: 'https://a.example/pc/7',
      };
      const ref = await portal.deliver('doer', content, { kind: 'todo', reply: true });
      const page = await visit();
      await page.goto(portal.linkTo(ref));
      await keepPicture(page, 'todo');
      await page.getByLabel('回复内容').fill('金额不对 <b>\n请修改');
      await page.getByRole('button', { name: '发送回复' }).click();
      await page.getByText('回复已发送。').waitFor();
      expect(await page.locator('.replies .text').innerText()).toBe('金额不对 <b>\n请修改');
      await page.getByRole('button', { name: '标为已办' }).click();
      await page.getByText('已标为已办。').waitFor();
      expect(await page.locator('.chip').textContent()).toBe('已办');
      await keepPicture(page, 'todo-done');
      const uplinks = await portal.center.admin('GET', '/v1/uplinks');
      expect(uplinks.body.items[0].text).toBe('金额不对 <b>\n请修改');
    });

    it('counts are live, and right again after the network was away', async () => {
      const cookie = await person('watcher');
      const page = await visit({ cookie });
      await page.goto('/portal?state=unread');
      const count = page.locator('.tabs [data-count="unread"]');
      const seen = await portal.deliver('watcher', { title: '第一条', text: 'a' });
      await count.filter({ hasText: '1' }).waitFor();
      expect(await page.title()).toBe('(1) 未读 · 消息中心');
      expect(await page.getByRole('status').textContent()).toBe('未读 1 条，待办 0 条');
      await page.getByRole('link', { name: '有新消息，点击刷新' }).click();
      const [row] = await page.locator('.row').all();
      expect(await row?.innerText()).toMatch(/^第一条\nShop · /);
      const comesBack = page.waitForRequest(/\/portal\/events$/);
      (portal.center.app.getHttpServer() as Server).closeAllConnections();
      await portal.deliver('watcher', { title: '第二条', text: 'a' });
      await portal.deliver('watcher', { title: '第三条', text: 'a' }, { kind: 'todo' });
      expect(await (await comesBack).headerValue('last-event-id')).toBe(seen);
      await page.locator('.tabs [data-count="open"]').filter({ hasText: '1' }).waitFor();
      expect(await count.textContent()).toBe('2');
      await page.getByRole('link', { name: '有新消息，点击刷新' }).waitFor();
      windows[0]?.mishaps.errors.splice(0); // the browser tells of the network it lost
    });

    it('nothing a hostile sender writes runs, loads or shows itself outside of its message', async () => {
      const cookie = await person('target');
      const refs = await Promise.all(
        XSS_CORPUS.map((payload) => portal.deliver('target', { title: payload, html: `<p>harmless</p>${payload}` })),
      );
      refs.push(await portal.deliver('target', { title: 'text', text: XSS_CORPUS.join('\n') }, { reply: true }));
      const paths = refs.map((ref) => portal.linkTo(ref));
      for (let number = 1; number <= Math.ceil(refs.length / 20); number++) paths.push(`/portal?q=a&page=${number}`);
      const pages = await Promise.all([visit({ cookie }), visit({ cookie }), visit({ cookie })]);
      await Promise.all(
        pages.map(async (page, lane) => {
          for (const path of paths.filter((_, place) => place % pages.length === lane)) {
            await page.goto(path);
            expect([path, await page.evaluate(LOOK)]).toEqual([path, UNTOUCHED]);
          }
        }),
      );
      // Pictures that cannot be had are answered with 404, of which the console tells; the rest is looked at below.
      for (const { mishaps } of windows) mishaps.errors = mishaps.errors.filter((error) => !error.includes('404'));
    });

    it('everything is reached and done with the keyboard alone', async () => {
      const cookie = await person('typist');
      await portal.deliver('typist', { title: '待审批', text: 'a' }, { kind: 'todo' });
      const page = await visit({ cookie });
      await page.goto('/portal');
      const focused = (): Promise<string> =>
        page.evaluate(
          '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText).replace(/\\s+/g, " ").trim()',
        );
      const stops: string[] = [];
      for (let stop = 0; stop < 12; stop++) {
        await page.keyboard.press('Tab');
        stops.push(await focused());
        expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
      }
      expect(stops.map((stop) => stop.split(' ')[0])).toEqual([
        '跳到正文',
        '消息中心',
        '收件箱',
        '退出',
        'English',
        '待办',
        '未读',
        '已办',
        '已读',
        '搜索标题',
        '搜索',
        '待审批',
      ]);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: '待审批' }).waitFor();
      for (let stop = 0; stop < 12 && (await focused()) !== '标为已办'; stop++) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText('已标为已办。').waitFor();
    });

    it('a screen reader finds the landmarks, and what each thing is', async () => {
      const cookie = await person('listener');
      await portal.deliver('listener', { title: 'Approve the invoice', text: 'a' }, { kind: 'todo', reply: true });
      const page = await visit({ cookie, locale: 'en-GB' });
      await page.goto('/portal');
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      for (const [role, name] of [
        ['banner', undefined],
        ['main', undefined],
        ['navigation', 'State of messages'],
        ['search', undefined],
        ['searchbox', 'Search titles'],
        ['heading', 'Inbox: To do'],
        ['link', 'To do 1'],
        ['link', /^Approve the invoice Shop · .* To do$/],
      ] as const) {
        expect([role, name, await page.getByRole(role, name === undefined ? {} : { name }).count()]).toEqual([
          role,
          name,
          1,
        ]);
      }
      expect(await page.getByRole('link', { name: 'To do 1' }).getAttribute('aria-current')).toBe('page');
      await page.getByRole('link', { name: /^Approve/ }).click();
      await page.getByRole('article').waitFor();
      expect(await page.getByRole('textbox', { name: 'Your reply' }).getAttribute('aria-describedby')).toBe('hint');
      expect(await page.getByRole('region', { name: 'Reply' }).count()).toBe(1);
    });

    const looks: [string, BrowserContextOptions][] = [
      ['desktop', { viewport: { width: 1200, height: 800 } }],
      ['phone', PHONE],
      ['phone-english-dark', { ...PHONE, locale: 'en-GB', colorScheme: 'dark' }],
    ];

    it.each(looks)('fits its screen and can be read: %s', async (name, options) => {
      const cookie = await person(`reader-${name}`);
      const userId = `reader-${name}`;
      const rich = await portal.deliver(userId, {
        title: '关于国庆假期值班安排的通知',
        html: RICH,
        summary: '值班安排',
      });
      await portal.deliver(userId, { title: `https://a.example/${'long'.repeat(40)}`, text: 'x'.repeat(400) });
      await portal.deliver(
        userId,
        { title: '报销单待审批：张三 2026 年 9 月差旅', text: '请审批', url: 'https://a.example/' },
        { kind: 'todo', reply: true },
      );
      await portal.deliver(userId, { title: '图书即将到期', text: '您借阅的《深入理解计算机系统》将于 3 天后到期。' });
      const page = await visit({ ...options, cookie });
      const look = async (picture: string): Promise<void> => {
        expect([picture, await auditOf(page)]).toEqual([picture, NO_FINDINGS]);
        await keepPicture(page, `${name}-${picture}`);
      };
      await page.goto('/portal?state=unread');
      await look('unread');
      await page.goto('/portal?q=a');
      await look('search');
      await page.goto('/portal?state=done');
      await look('nothing-done');
      await page.goto(portal.linkTo(rich));
      await page.locator('.chip.read').waitFor();
      await look('notice');
      await page.goto('/portal');
      await page.locator('.row').click();
      await page.getByRole('article').waitFor();
      await look('todo');
      await page.goto('/portal/m/x?e=1&sig=x');
      await look('expired');
      await page.context().clearCookies({ name: 'mc_portal' });
      await page.goto('/portal');
      await look('sign-in');
      windows[0]?.mishaps.errors.splice(0); // the console tells of the page that answered 410
    });
  },
);
