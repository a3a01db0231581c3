import type { Channel, ContentFormat, PushPayload } from '#contracts';

/**
 * What a template says for one channel; texts may hold placeholders. `subject` is mail's word for `title`.
 * `templateId`, `publicId` and `data` name a template that lives with the vendor (WeChat, SMS) and its values.
 */
export interface ChannelContent {
  title?: string;
  subject?: string;
  text?: string;
  html?: string;
  summary?: string;
  url?: string;
  iconUrl?: string;
  /** Chat apps only: the shape in which it is shown; absent: chosen by what there is. */
  format?: ContentFormat;
  /** Chat apps only: words of the button of a card. */
  buttonText?: string;
  publicId?: string;
  templateId?: string;
  data?: Record<string, string | { value: string; color?: string }>;
}

/** Content of a template, per channel. A channel without its own takes the portal's title and text. */
export type TemplateContent = Partial<Record<Channel, ChannelContent>>;

/** Content ready for one channel; fits `RenderedContent` of the providers. Plain text unless the name says otherwise. */
export interface ReadyContent {
  title?: string;
  text?: string;
  html?: string;
  summary?: string;
  url?: string;
  /** Link for computers, where it is another one. */
  pcUrl?: string;
  iconUrl?: string;
  format?: ContentFormat;
  buttonText?: string;
  publicId?: string;
  templateId?: string;
  /** Values for the vendor's template: the rendered `data`, or the params themselves where the template has no `data`. */
  params?: Record<string, string>;
  /** Channel `push`: what devices get instead of title and text. */
  payload?: PushPayload;
}
