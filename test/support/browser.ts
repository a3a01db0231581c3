import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

const ROOT = process.cwd();
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Why nothing can be shown in a browser here; null where it can. */
export const whyNoBrowser = CHROMIUM === undefined ? 'chromium is not installed' : null;

/** Nothing is sandboxed twice, drawn on a card, or asked of the vendor. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM ?? '', args: ARGUMENTS, headless: true });

/** What happened in a window that must not have. */
export interface Mishaps {
  dialogs: string[];
  /** Requests to other hosts. */
  outside: string[];
  /** Errors of scripts, and what the page's policy had to stop. */
  errors: string[];
}

export interface Window {
  context: BrowserContext;
  page: Page;
  mishaps: Mishaps;
}

/** A fresh window at `origin`, signed in where there is a cookie. */
export async function openWindow(
  browser: Browser,
  origin: string,
  { cookie, ...options }: BrowserContextOptions & { cookie?: string } = {},
): Promise<Window> {
  const context = await browser.newContext({
    baseURL: origin,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    ...options,
  });
  if (cookie) {
    const [name = '', value = ''] = cookie.split('=', 2);
    await context.addCookies([{ name, value, url: origin, sameSite: 'Lax' }]);
  }
  await context.addInitScript({ path: join(ROOT, 'test/support/page-audit.js') });
  const page = await context.newPage();
  const mishaps: Mishaps = { dialogs: [], outside: [], errors: [] };
  page.on('dialog', (dialog) => {
    mishaps.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  context.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) mishaps.outside.push(request.url());
  });
  page.on('pageerror', (error) => mishaps.errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') mishaps.errors.push(message.text());
  });
  return { context, page, mishaps };
}

/** Pictures of pages, kept for people to look at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = join(ROOT, 'test/output/portal');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Findings of `page-audit.js` about the page as it stands. */
export const auditOf = (page: Page): Promise<Record<'lowContrast' | 'stickingOut' | 'tooSmall', string[]>> =>
  page.evaluate('({ lowContrast: audit.lowContrast(), stickingOut: audit.stickingOut(), tooSmall: audit.tooSmall() })');

export const NO_FINDINGS = { lowContrast: [], stickingOut: [], tooSmall: [] };
