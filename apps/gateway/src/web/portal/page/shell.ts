import { createHash } from 'node:crypto';
import { assetPath } from './assets.js';
import { SafeHtml, html, type HtmlValue } from './html.js';
import type { Language } from './language.js';
import { wordsIn, type Words } from './words.js';

/** What every part of a page needs to know of the request it answers. */
export interface Frame {
  language: Language;
  words: Words;
  /** Path and query as asked for. */
  url: string;
  /** Before every path of ours, see `PublicAddress.pathPrefix`. */
  prefix: string;
}

export interface Page {
  title: string;
  /** The inside of `<main>`. */
  main: SafeHtml;
  /** In the head, before the other language: the person's inbox, the way out. */
  nav?: HtmlValue;
  /** Its counts are kept up to date. The inbox alone: browsers open few connections to a host, and this one is held. */
  isLive?: boolean;
  /** Style of this page alone, allowed by its hash. */
  style?: string;
}

/** The whole document. Everything it loads is ours; it works without its script. */
export function documentOf(frame: Frame, { title, main, nav, isLive = false, style }: Page): string {
  const { language, words, prefix } = frame;
  const events = html` data-events="${prefix}/portal/events" data-unread-now="${words.unreadNow('#', '#')}"`;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${words.center}</title>
<link rel="icon" type="image/svg+xml" href="${prefix}${assetPath('icon.svg')}">
<link rel="stylesheet" href="${prefix}${assetPath('portal.css')}">
${style && new SafeHtml(`<style>${style}</style>`)}
<script type="module" src="${prefix}${assetPath('portal.js')}"></script>
</head>
<body${isLive && events}>
<a class="skip" href="#main">${words.skip}</a>
<header class="top"><div class="bar">
<a class="brand" href="${prefix}/portal">${words.center}</a>
<nav class="account" aria-label="${words.account}">${nav}${languageLink(frame)}</nav>
</div></header>
${isLive && html`<p class="hidden" id="live" role="status"></p>`}
<main id="main" tabindex="-1">
${main}
</main>
</body>
</html>
`.toString();
}

function languageLink({ language, words, url, prefix }: Frame): SafeHtml {
  const other: Language = language === 'en' ? 'zh-CN' : 'en';
  const { pathname, searchParams } = new URL(url, 'http://portal');
  searchParams.set('lang', other);
  const href = `${prefix}${pathname}?${searchParams.toString()}`;
  return html`<a href="${href}" lang="${other}" hreflang="${other}">${words.otherLanguage}</a>`;
}

/** Nothing from elsewhere, nothing inline but the one style whose hash is named. */
export function contentPolicy(style?: string): string {
  const own = style ? ` 'sha256-${createHash('sha256').update(style).digest('base64')}'` : '';
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${own}`,
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export const frameOf = (language: Language, url: string, prefix: string): Frame => ({
  language,
  words: wordsIn(language),
  url,
  prefix,
});
