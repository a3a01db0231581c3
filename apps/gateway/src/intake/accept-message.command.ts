import type { Channel, DeviceAudience, Door, InlineContent, MessageKind, Params, Priority } from '#contracts';

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
  /** On channel `push`, whatever the channels are: a delivery a device. What is unknown fails by itself. */
  devices?: DeviceAudience;
  all?: boolean;
}

export type ChannelChoice = { mode: 'any' | 'all' | 'smart' } | { mode: 'list'; list: Channel[] };

/**
 * The one command that every door's send call becomes. Field shapes are checked by the door, their meaning here. The busy doors
 * set it field by field: objects made by spread have a shape of their own each, which costs every reader of them.
 */
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
  /**
   * The same key with the same hash within 24 h answers the same message, also where the command would be refused by now. `bodyHash`:
   * hex SHA-256.
   */
  idempotency?: { key: string; bodyHash: string };
  /** Refuse with `recipient_unknown` / `no_address` when the single user cannot be reached (door `msg`). */
  mustReach?: boolean;
  /** Refuse with `todo_duplicate` while one of the users has a to-do of this app with the same digest (hex SHA-256) open. */
  openTodo?: { digest: string };
  /** Users who opted out of the app are left out and answered; where nobody is left: refusal `all_opted_out`. */
  optOuts?: 'leave_out';
  /** An address that is none becomes a failed delivery (`address_invalid`) instead of a refusal of the message. */
  badAddresses?: 'fail';
  /** Refuse with `sms_signature` where an SMS would hold 【 or 】, which only the carrier may set. */
  refuseSmsSignature?: boolean;
  /** To-dos: whoever has not done it is reminded after so many seconds, again and again. */
  remindEveryS?: number;
  /** The caller waits for the outcome: one provider call, no retry, no fallback. */
  realTime?: boolean;
  /** Every known receiver finds it in the portal, too, whichever channels are open to the app. */
  isInPortal?: boolean;
  /** WeChat public account that it goes out through; absent: any that the recipient follows. */
  publicAccount?: string;
}

export interface AcceptedMessage {
  messageId: string;
  status: 'accepted' | 'scheduled';
  /** User ids left out by `optOuts`, in the order given; absent: nobody was. */
  optedOut?: string[];
}
