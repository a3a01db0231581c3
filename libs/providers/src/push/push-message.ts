import type { PushDisplay, PushPayload } from '#contracts';
import type { RenderedContent } from '../port/channel-provider.port.js';

/** What a device is told, whatever wakes it. */
export interface PushMessage {
  kind: PushDisplay;
  title?: string;
  /** Text of a notification; of a config the configuration itself. */
  body?: string;
  /** For the program on the device. */
  custom?: PushPayload['custom'];
  /** Opened when the notification is tapped. */
  url?: string;
}

/** A payload stands for itself; any other message is a notification of its title and text. */
export function pushMessageOf({ payload, title, text, url }: RenderedContent): PushMessage {
  if (!payload) return { kind: 'notification', ...filled({ title, body: text, url }) };
  const { display, title: shown, custom, body } = payload;
  return { kind: display, ...filled({ title: shown, body, custom, url }) };
}

/** Fields that say nothing are left out: they would travel. */
const filled = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
