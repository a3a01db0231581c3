import { pageHtmlOf, type ReadyContent } from '#content';
import { accountNav } from '../page/account-nav.js';
import { html, sanitisedHtml, type HtmlValue } from '../page/html.js';
import { linkify } from '../page/linkify.js';
import { momentIn } from '../page/moment.js';
import type { Frame, Page } from '../page/shell.js';
import type { MessageAction } from '../portal-links.service.js';
import type { ShownMessage } from './shown-message.js';

export interface MessageView {
  message: ShownMessage;
  /** The person's own, oldest first. */
  replies: readonly { text: string; at: Date }[];
  /** The person is signed in, not only holding the link. */
  isSignedIn: boolean;
  /** What the person has just done. */
  outcome: 'replied' | 'closed' | null;
  timeZone: string;
  /** Where a form of the action goes. */
  action: (action: MessageAction) => string;
  /** Where a picture is loaded from; null: nowhere. */
  picture: (url: string) => string | null;
}

export const MAX_REPLY = 2000;

export function messagePage(frame: Frame, view: MessageView): Page {
  const { words, prefix } = frame;
  const { message, isSignedIn, outcome, timeZone } = view;
  const { body, css } = bodyOf(frame, view);
  const title = message.title || words.untitled;
  const main = html`${isSignedIn && html`<a class="back" href="${prefix}/portal">${words.backToInbox}</a>`}
    ${outcome && html`<p class="note" role="status">${words[outcome]}</p>`}
    <article class="message card">
      <header>
        <h1>${title}</h1>
        <span class="chip ${message.state}">${words.state[message.state]}</span>
        <p class="quiet">
          ${message.source || words.unknownSource}${message.receivedAt && html` · ${momentIn(frame, timeZone, message.receivedAt)}`}
          ${message.doneAt && html` · ${words.doneAt} ${momentIn(frame, timeZone, message.doneAt)}`}
        </p>
      </header>
      ${body}
      <div class="actions">${linkButtons(frame, message)}${doneButton(frame, view)}${readForm(frame, view)}</div>
    </article>
    ${repliesOf(frame, view)}`;
  return { title, main, nav: isSignedIn && accountNav(frame), ...(css && { style: css }) };
}

function bodyOf(frame: Frame, { message, picture }: MessageView): { body: HtmlValue; css: string } {
  const { content } = message;
  if (!content) return { body: html`<p class="content quiet">${frame.words.noContent}</p>`, css: '' };
  const cover = content.iconUrl === undefined ? null : picture(content.iconUrl);
  const coverImage = cover !== null && html`<img class="cover" src="${cover}" alt="" loading="lazy" />`;
  if (content.html !== undefined) {
    const { html: markup, css } = pageHtmlOf(content.html, '#content', picture);
    return {
      body: html`${coverImage}
        <div class="content rich" id="content">${sanitisedHtml(markup)}</div>`,
      css,
    };
  }
  return { body: html`${coverImage}${textOf(message, content)}`, css: '' };
}

/** Words that stand in the title already are not said again. */
const textOf = ({ title }: ShownMessage, { text }: ReadyContent): HtmlValue =>
  text !== undefined && text !== title && html`<div class="content"><span class="text">${linkify(text)}</span></div>`;

function linkButtons({ words }: Frame, { content, state }: ShownMessage): HtmlValue {
  const { url, pcUrl } = content ?? {};
  const isTodo = state === 'open';
  if (url === undefined || pcUrl === undefined || url === pcUrl) {
    return linkButton(url ?? pcUrl, isTodo ? words.handle : words.openLink, 'primary');
  }
  return [
    linkButton(pcUrl, isTodo ? words.handleOnPc : words.openOnPc, 'computer'),
    linkButton(url, isTodo ? words.handleOnPhone : words.openOnPhone, 'phone'),
  ];
}

const linkButton = (href: string | undefined, label: string, style: 'primary' | 'computer' | 'phone'): HtmlValue =>
  href !== undefined &&
  html`<a class="button ${style}" href="${href}" target="_blank" rel="noopener noreferrer">${label}</a>`;

const doneButton = ({ words }: Frame, { message, action }: MessageView): HtmlValue =>
  message.state === 'open' &&
  html`<form method="post" action="${action('done')}"><button class="button">${words.done}</button></form>`;

/** The script sends it as soon as somebody sees the page; the button comes out where none runs, or where that failed. */
const readForm = ({ words }: Frame, { message, action }: MessageView): HtmlValue =>
  message.readAt === null &&
  html`<form method="post" action="${action('read')}" data-read="${words.state.read}" hidden>
    <button class="button">${words.markRead}</button>
  </form>`;

function repliesOf(frame: Frame, { message, replies, action, timeZone }: MessageView): HtmlValue {
  if (!message.takesReplies && replies.length === 0) return null;
  const { words } = frame;
  const items = replies.map(
    ({ text, at }) =>
      html`<li>
        <span class="text">${linkify(text)}</span>
        <span class="quiet">${momentIn(frame, timeZone, at)}</span>
      </li>`,
  );
  return html`<section class="replies card" aria-labelledby="replies">
    <h2 id="replies">${words.replies}</h2>
    ${
      items.length > 0 &&
      html`<ol>
        ${items}
      </ol>`
    }
    ${
      message.takesReplies &&
      html`<form method="post" action="${action('reply')}">
        <label class="hidden" for="text">${words.reply}</label>
        <textarea id="text" name="text" rows="4" maxlength="${MAX_REPLY}" required aria-describedby="hint"></textarea>
        <p class="quiet" id="hint">${words.replyHint}</p>
        <button class="button primary">${words.sendReply}</button>
      </form>`
    }
  </section>`;
}
