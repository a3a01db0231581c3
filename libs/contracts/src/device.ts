/** Systems a device may run; which vendors can wake it depends on it. */
export const DEVICE_PLATFORMS = ['android', 'ios', 'harmony', 'web'] as const;
export type DevicePlatform = (typeof DEVICE_PLATFORMS)[number];

/** Providers of channel `push` that a device may name as the one it listens to. */
export const PUSH_PROVIDERS = ['mqtt', 'fcm', 'apns', 'umeng', 'jpush', 'webpush', 'sandbox'] as const;
export type PushProvider = (typeof PUSH_PROVIDERS)[number];

/** Devices are told by their token: what the vendor gave the device, or the MQTT user name of a terminal. */
export const DEVICE_TOKEN = /^[A-Za-z0-9._:-]{1,512}$/;

/** A message to a person goes to so many of his devices, those that registered last. */
export const MAX_DEVICES_OF_PERSON = 10;

/** Between the tokens of a delivery's address; no token can hold it. */
export const DEVICE_SEPARATOR = ',';

/** What a browser gave its page to be pushed to (RFC 8030); the keys are base64url. */
export interface WebPushSubscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

export const PUSH_DISPLAYS = ['notification', 'message', 'config'] as const;
/** `notification` is shown to the person · `message` is handed to the program · `config` is taken silently. */
export type PushDisplay = (typeof PUSH_DISPLAYS)[number];

/** What goes to devices and nowhere else, beside or instead of the texts that every channel shows. */
export interface PushPayload {
  display: PushDisplay;
  /** Of a notification. */
  title?: string;
  /** For the program on the device: a text or JSON. */
  custom?: string | Record<string, unknown> | unknown[];
  /** Of a config: the configuration itself. */
  body?: string;
  /** Pushes that are counted together; of configs: the newest replaces those before it. */
  tag?: string;
  /** For whoever reads the report; never sent. */
  description?: string;
}
