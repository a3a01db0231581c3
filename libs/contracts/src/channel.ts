/** The ways a person can be reached. Doors map their own words onto these. */
export const CHANNELS = ['portal', 'sms', 'mail', 'wechat', 'wecom', 'dingtalk', 'push', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Channels that leave the center: a worker calls a provider. `portal` is settled by the fan-out itself. */
export const OUTGOING_CHANNELS = CHANNELS.filter((c): c is Exclude<Channel, 'portal'> => c !== 'portal');

/** Order in which `any` tries channels unless the administrator sets priorities. */
export const DEFAULT_CHANNEL_ORDER: readonly Channel[] = [
  'wecom',
  'wechat',
  'dingtalk',
  'push',
  'sms',
  'mail',
  'webhook',
  'portal',
];

export const isChannel = (word: unknown): word is Channel =>
  typeof word === 'string' && (CHANNELS as readonly string[]).includes(word);

/** Hours after acceptance at which a delivery that reached nobody expires, where the caller named no time. */
export const DEFAULT_EXPIRY_HOURS: Readonly<Record<Channel, number>> = {
  portal: 72,
  sms: 24,
  mail: 72,
  wechat: 72,
  wecom: 72,
  dingtalk: 72,
  push: 24,
  webhook: 72,
};

/** The name under which the attempts of a provider account, its receipts, health and provider ids are kept. */
export const accountKey = (channel: Channel, id: string): string => `${channel}:${id}`;
