import type { Channel } from './channel.js';
import type { ContentFormat } from './content-format.js';
import type { DevicePlatform, PushPayload } from './device.js';

export const MESSAGE_STATUSES = [
  'scheduled',
  'accepted',
  'dispatching',
  'dispatched',
  'completed',
  'cancelled',
  'expired',
] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

export const DOORS = ['native', 'msg', 'platform', 'relay', 'psp', 'im'] as const;
export type Door = (typeof DOORS)[number];

export const MESSAGE_KINDS = ['notice', 'todo'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** Lower numbers go first. */
export const PRIORITY = { high: 0, normal: 1, low: 2 } as const;
export type Priority = keyof typeof PRIORITY;

/** Values for the placeholders of a template. */
export type Params = Record<string, string>;

/** Content given inline by the caller; channels take from it what they can show. */
export interface InlineContent {
  title?: string;
  text?: string;
  html?: string;
  summary?: string;
  url?: string;
  /** Link for computers, where it is another one than `url`. The portal shows both; chat apps take one link only. */
  pcUrl?: string;
  iconUrl?: string;
  /** Shape in which a chat app shows it; absent: the channel chooses by what there is. */
  format?: ContentFormat;
  /** Words of the button of a card. */
  buttonText?: string;
  /** Template at WeChat that shows the message there; its values are the message's params. */
  templateId?: string;
  /** Shown by channel `push` only, instead of title and text. */
  payload?: PushPayload;
}

/** Who a message goes to, as stored at acceptance (tags and templates already resolved to ids). */
export interface Audience {
  /**
   * User ids, each once; `params` override the message's own for that person. `smsSegments`: taken from the app's SMS
   * budget at acceptance for the SMS to that person; absent: none were.
   */
  users?: { id: string; params?: Params; smsSegments?: number }[];
  /** Ids of the calling app's tags; members as they were at acceptance. */
  tagIds?: number[];
  /** Codes of org units; their descendants are included. */
  orgUnits?: string[];
  /** Addresses of people outside the directory. */
  addresses?: {
    channel: Channel;
    address: string;
    name?: string;
    params?: Params;
    smsSegments?: number;
    /** It failed the check and is kept as given, cut to 512 characters: its delivery fails. */
    isInvalid?: true;
  }[];
  /** Devices on channel `push`, a delivery each, whatever the plan says. */
  devices?: DeviceAudience;
  /** Everyone in the directory. */
  all?: boolean;
  /** Id of a to-do: whoever has it open. */
  openTodoOf?: string;
}

/** Devices by their tokens and by their owners. What is not known fails by itself: it stands in the report. */
export interface DeviceAudience {
  /** Each once. */
  tokens?: string[];
  /** User ids, each once: all their devices. */
  users?: string[];
  /** Codes of org units; the devices of their people, those of their descendants included. */
  orgUnits?: string[];
  /** Devices that are registered for tests, and no others. */
  isTestOnly?: true;
  /** Platforms whose limit the payload passes: their devices fail (`payload_too_large`). */
  tooLargeFor?: DevicePlatform[];
}

export const PLAN_MODES = ['list', 'all', 'any', 'smart'] as const;
export type PlanMode = (typeof PLAN_MODES)[number];

/** What proves that a channel worked, in mode `smart`. */
export type SuccessState = 'sent' | 'delivered' | 'read';

export interface PlanStep {
  channel: Channel;
  /** Smart mode: the state that counts as success, and for how many seconds it is awaited. */
  successWhen?: SuccessState;
  withinS?: number;
}

/** The channels of a message in the order they are tried, fixed at acceptance, each once. */
export interface Plan {
  mode: PlanMode;
  steps: PlanStep[];
  /** A portal row beside the other channels: of to-dos, and in mode smart where the administrator wants it. */
  portalAtOnce?: boolean;
  /** WeChat public account that the message's content belongs to; absent: any of those the recipient follows. */
  publicAccount?: string;
  /** SMS segments taken from the app's budget at acceptance, over all people of the audience; absent: none were. */
  smsSegments?: number;
  /** The caller waits for the outcome: one provider call, no retry; mode `list` only. */
  isOnce?: true;
}

/** Steps of one recipient share an ordinal: `seq = ordinal * 16 + step`. */
export const STEPS_PER_RECIPIENT = 16;
/** Step number of the portal row that smart mode puts beside the chain. */
export const PORTAL_BESIDE_STEP = 15;
/** First step number of deliveries to `Audience.devices`: beyond every plan, so that no channel follows; replays take those after it. */
export const DEVICE_STEP = 8;

export const ordinalOf = (seq: number): number => Math.floor(seq / STEPS_PER_RECIPIENT);
export const stepOf = (seq: number): number => seq % STEPS_PER_RECIPIENT;
/** Whether a delivery of channel `push` goes to one device that the audience names, not to a person. */
export const isToDevice = (seq: number): boolean => stepOf(seq) >= DEVICE_STEP;
