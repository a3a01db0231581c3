import { AppError, type Channel, type Params } from '#contracts';
import { htmlToText } from '../safety/html-to-text.js';
import { sanitizeMessageHtml } from '../safety/sanitize-message-html.js';
import { oneLine } from '../safety/text-safety.js';
import { isHttpUrl } from '../address/http-url.js';
import { parseTemplate, placeholdersOf, render, type Escape } from './placeholder.js';
import type { ChannelContent, ReadyContent, TemplateContent } from './channel-content.js';

/** A rendered link is no http(s) URL: params made it something else, or the template never had one. */
export class BadLinkError extends AppError {
  constructor(field: string) {
    super('bad_link', 'invalid', `"${field}" of the content is not an http or https URL`, { field });
  }
}

const isFilled = (content: ChannelContent | undefined): content is ChannelContent =>
  content !== undefined &&
  Boolean(content.text || content.html || content.title || content.subject || content.templateId);

/** What the template says for the channel, before rendering; null when neither the channel nor the portal has content. */
export function templateContentFor(channel: Channel, template: TemplateContent): ChannelContent | null {
  const own = Object.hasOwn(template, channel) ? template[channel] : undefined;
  if (isFilled(own)) return own;
  const portal = Object.hasOwn(template, 'portal') ? template.portal : undefined;
  if (!portal?.text) return null;
  return portal.title === undefined ? { text: portal.text } : { title: portal.title, text: portal.text };
}

/** Params the template needs on this channel, each once. Empty when the channel has no content. */
export function requiredParams(channel: Channel, template: TemplateContent): string[] {
  const content = templateContentFor(channel, template);
  if (!content) return [];
  const { data, ...texts } = content;
  const all = [...Object.values(texts), ...Object.values(data ?? {}).map(dataText)];
  return [...new Set(all.flatMap((text) => placeholdersOf(text ?? '')))];
}

/**
 * The template's content for one channel with the params filled in; null when the channel has none.
 * Values in `html` are escaped, the result is sanitised and its text stands beside it; values in links are percent-encoded, the title is one line.
 * Throws `MissingParamError`, `ContentTooLongError`, `BadLinkError` (all of kind `invalid`).
 */
export function renderContent(channel: Channel, template: TemplateContent, params: Params): ReadyContent | null {
  const content = templateContentFor(channel, template);
  if (!content) return null;
  const fill = (text: string | undefined, escape: Escape = 'none'): string | undefined =>
    text === undefined || text === '' ? undefined : render(parseTemplate(text), params, { escape });
  const title = fill(content.title ?? content.subject);
  const filledHtml = fill(content.html, 'html');
  const html = filledHtml === undefined ? undefined : sanitizeMessageHtml(filledHtml);
  const ready: ReadyContent = {
    title: title === undefined ? undefined : oneLine(title),
    text: fill(content.text) ?? (html && htmlToText(html)),
    html,
    summary: fill(content.summary),
    url: link('url', fill(content.url, 'url')),
    iconUrl: link('iconUrl', fill(content.iconUrl, 'url')),
    format: content.format,
    buttonText: fill(content.buttonText),
    publicId: content.publicId,
    templateId: content.templateId,
    params: content.templateId === undefined ? undefined : vendorParams(content, params),
  };
  return dropUndefined(ready);
}

const dataText = (value: string | { value: string }): string => (typeof value === 'string' ? value : value.value);

function vendorParams(content: ChannelContent, params: Params): Record<string, string> {
  if (!content.data) return { ...params };
  return Object.fromEntries(
    Object.entries(content.data).map(([key, value]) => [key, render(parseTemplate(dataText(value)), params)]),
  );
}

function link(field: string, url: string | undefined): string | undefined {
  if (url !== undefined && !isHttpUrl(url)) throw new BadLinkError(field);
  return url;
}

/** Absent fields are absent, not undefined: the object is compared, stored as JSON and spread over others. */
const dropUndefined = <T extends object>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
