import type { InboxState } from '#contracts';
import type { InboxCounts } from '#entities';
import type { ShownRow } from '../message/shown-message.js';
import { accountNav } from '../page/account-nav.js';
import { html, type HtmlValue, type SafeHtml } from '../page/html.js';
import { momentIn } from '../page/moment.js';
import type { Frame, Page } from '../page/shell.js';

/** In the order of the tabs: what asks for something first. */
export const TABS = ['open', 'unread', 'done', 'read'] as const satisfies readonly InboxState[];

export interface InboxView {
  /** Null: all, as a search shows them. */
  state: InboxState | null;
  /** Empty: none. */
  search: string;
  counts: InboxCounts;
  rows: readonly ShownRow[];
  total: number;
  /** From 1. */
  page: number;
  pages: number;
  timeZone: string;
}

export const MAX_SEARCH = 100;

export function inboxPage(frame: Frame, view: InboxView): Page {
  const { words, prefix, url } = frame;
  const { search, rows } = view;
  const title = view.state ? words.tab[view.state] : words.search;
  const main = html`<h1 class="hidden">${words.inbox}: ${title}</h1>
    ${tabs(frame, view)} ${searchForm(frame, view)} ${search && found(frame, view)}
    <a class="news" href="${prefix}${url}" hidden>${words.newMessages}</a>
    ${rows.length > 0 ? list(frame, view) : html`<p class="card empty">${emptyWords(frame, view)}</p>`}
    ${pager(frame, view)}`;
  return { title, main, nav: accountNav(frame), isLive: true };
}

function tabs({ words, prefix }: Frame, { state, search, counts }: InboxView): SafeHtml {
  const items = TABS.map((tab) => {
    const count = counts[tab];
    return html`<li>
      <a href="${prefix}${inboxPath({ state: tab, search })}" ${tab === state && html` aria-current="page"`}>
        ${words.tab[tab]}
        <span class="count" data-count="${tab}" ${count === 0 && html` data-none`}>${count}</span>
      </a>
    </li>`;
  });
  return html`<nav aria-label="${words.tabs}">
    <ul class="tabs">
      ${items}
    </ul>
  </nav>`;
}

function searchForm({ words, prefix }: Frame, { search }: InboxView): SafeHtml {
  return html`<form class="search" role="search" method="get" action="${prefix}/portal">
    <input
      type="search"
      name="q"
      value="${search}"
      maxlength="${MAX_SEARCH}"
      aria-label="${words.search}"
      placeholder="${words.search}"
    />
    <button class="button">${words.searchButton}</button>
  </form>`;
}

const found = ({ words, prefix }: Frame, { search, total }: InboxView): SafeHtml =>
  html`<p class="quiet found">
    <span role="status">${words.found(total, search)}</span> <a href="${prefix}/portal">${words.clearSearch}</a>
  </p>`;

function list(frame: Frame, { rows, timeZone }: InboxView): SafeHtml {
  const { words, prefix } = frame;
  const items = rows.map(
    ({ ref, state, title, source, receivedAt }) =>
      html`<li>
        <a class="row ${state}" href="${prefix}/portal/m/${ref}">
          <span>
            <span class="title">${title || words.untitled}</span>
            <span class="quiet"
              >${source || words.unknownSource}${receivedAt && html` · ${momentIn(frame, timeZone, receivedAt)}`}</span
            >
          </span>
          <span class="chip ${state}">${words.state[state]}</span>
        </a>
      </li>`,
  );
  return html`<ol class="rows card">
    ${items}
  </ol>`;
}

const emptyWords = ({ words }: Frame, { state, search }: InboxView): string =>
  search || !state ? words.nothingFound : words.empty[state];

function pager({ words, prefix }: Frame, { state, search, page, pages }: InboxView): HtmlValue {
  if (pages <= 1) return null;
  const link = (to: number, label: string, rel: string): HtmlValue =>
    to >= 1 && to <= pages
      ? html`<a class="button" rel="${rel}" href="${prefix}${inboxPath({ state, search, page: to })}">${label}</a>`
      : html`<span></span>`;
  return html`<nav class="pages" aria-label="${words.pages}">
    ${link(page - 1, words.newer, 'prev')}
    <span class="quiet">${words.page(page, pages)}</span>
    ${link(page + 1, words.older, 'next')}
  </nav>`;
}

function inboxPath({ state, search, page = 1 }: { state: InboxState | null; search: string; page?: number }): string {
  const query = new URLSearchParams({
    ...(state && { state }),
    ...(search && { q: search }),
    ...(page > 1 && { page: String(page) }),
  });
  return `/portal?${query.toString()}`;
}
