import type { Channel, Door, InlineContent, MessageKind, Params, Priority } from '#contracts';

/** The calling app of a request, as the access check found it. */
export interface CallingApp {
  appId: string;
  name: string;
  /** Canonical channel names, plus `smart`. */
  channels: ReadonlySet<string>;
  features: ReadonlySet<string>;
  /** Calls per second; null = the default. */
  ratePerSecond: number | null;
  /** Its SMS are counted against a quota. */
  hasSmsQuota: boolean;
}

/** Who it goes to, in the caller's words: tags by name. */
export interface MessageTo {
  users?: { id: string; params?: Params }[];
  tags?: string[];
  orgUnits?: string[];
  addresses?: { channel: Channel; address: string; name?: string; params?: Params }[];
  all?: boolean;
}

export type ChannelChoice = { mode: 'any' | 'all' | 'smart' } | { mode: 'list'; list: Channel[] };

/** The one command that every door's send call becomes. Field shapes are checked by the door, their meaning here. */
export interface AcceptMessage {
  app: CallingApp;
  door: Door;
  kind?: MessageKind;
  priority?: Priority;
  to: MessageTo;
  channels: ChannelChoice;
  /** Exactly one of `content` and `template`. */
  content?: InlineContent;
  template?: { code: string };
  params?: Params;
  /** ISO 8601 with offset. */
  sendAt?: string;
  expiresAt?: string;
  statusCallback?: string;
  clientRef?: string;
  reply?: boolean;
  /** The same key with the same hash within 24 h answers the same message. `bodyHash`: hex SHA-256. */
  idempotency?: { key: string; bodyHash: string };
  /** Refuse with `recipient_unknown` / `no_address` when the single user cannot be reached (door `msg`). */
  mustReach?: boolean;
}

export interface AcceptedMessage {
  messageId: string;
  status: 'accepted' | 'scheduled';
}
