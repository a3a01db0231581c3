import type {
  Channel,
  ContentFormat,
  DevicePlatform,
  OutcomeClass,
  PushPayload,
  WebPushSubscription,
} from '#contracts';

export { CONTENT_FORMATS, type ContentFormat } from '#contracts';

/** Content of one delivery, rendered for its channel. Plain text unless the name says otherwise. */
export interface RenderedContent {
  title?: string;
  text?: string;
  html?: string;
  summary?: string;
  url?: string;
  iconUrl?: string;
  /** Values of the message's placeholders, for providers whose templates live with the vendor. */
  params?: Record<string, string>;
  /** Vendor template (WeChat, SMS) where the message's template names one. */
  templateId?: string;
  /** Shape in which a chat app shows it; without it the adapter chooses by what there is. */
  format?: ContentFormat;
  /** Words of the button of a card. */
  buttonText?: string;
  /** Channel `push`: what devices get instead of title and text; see `pushMessageOf`. */
  payload?: PushPayload;
}

/** A registered device; its token is the address. */
export interface OutboundDevice {
  platform: DevicePlatform;
  /** Registered for tests (APNs: by a build that talks to its sandbox). */
  isTest: boolean;
  /** Of a browser. */
  subscription?: WebPushSubscription;
}

/** One delivery to hand to a provider. */
export interface OutboundDelivery {
  /**
   * Per-delivery reference: the only id that may travel outside. Stable across retries, so it is the idempotency key; on channel
   * `push` together with the address, because a delivery may go to several devices of its person.
   */
  ref: string;
  /** Channel `push`: the token of one device. */
  address: string;
  /** Channel `push`: absent where nobody registered the token as a device. */
  device?: OutboundDevice;
  /** Display name of the recipient, where known. */
  name?: string;
  /** Calling app's display name, for providers that show a source. */
  source?: string;
  content: RenderedContent;
  /** After this it is of no use: a provider that keeps what it cannot deliver at once is to keep it no longer. */
  expiresAt?: Date;
  /** Takes the place of what a provider still keeps for the device under the same name: 1 to 32 characters of base64url. */
  replaces?: string;
  /** There is something to do: a chat app may show a card that later says that it is done (`Outcome.card`). */
  isTodo?: true;
  /** 1 for the first try. */
  attempt: number;
}

/** What became of one delivery of the batch; `outcomes[i]` belongs to `batch[i]`. */
export interface Outcome {
  class: OutcomeClass;
  /** The provider's code, or one of ours in lower snake case (`timeout`, `connection_refused`). At most 64 characters. */
  code?: string;
  /** The provider's own words, untrusted, at most 500 characters. */
  words?: string;
  /** The provider's id of what it took; a later receipt names it. */
  providerRef?: string;
  /** `retry`, `rate_limited`: not before this many ms from now. */
  retryAfterMs?: number;
  /** The provider's answer already proves more than acceptance (a webhook's 2xx is a delivery). */
  proves?: 'delivered';
  /** `bad_recipient`: refused for this account or content only; the address itself is not dead. */
  isAddressKept?: true;
  /** `bad_recipient` of a device: its token is dead since then, so a device that registered later stays in use. Absent: it is now. */
  deadSince?: Date;
  /** `rate_limited`: the whole account is out of quota until then, not only this delivery. */
  isAccountWide?: true;
  /**
   * The answer is not the result: ask for it by `ref` after so many ms (`ChannelProvider.query`). With `unknown_outcome` the
   * delivery waits for that answer instead of ending as unknown.
   */
  ask?: { ref: string; afterMs: number };
  /** `ok`: what was sent can be changed once with this code, for so many seconds (`ChannelProvider.closeCards`). */
  card?: { code: string; lastsS: number };
}

/** A card of a to-do that was sent, to be shown as done. */
export interface SentCard {
  address: string;
  /** As in `Outcome.card`. */
  code: string;
}

/** One account at one provider. Adapters answer an outcome for every vendor failure, never throw for one, and never retry. */
export interface ChannelProvider {
  readonly channel: Channel;
  /** Adapter name, e.g. `smtp`. */
  readonly name: string;
  /** Most deliveries one `send` may carry. */
  readonly maxBatch: number;
  /** True where sending the same `ref` again cannot reach the person twice. */
  readonly isIdempotent: boolean;
  /** Most messages one recipient may get through the account; what is beyond waits. The strictest stands first. */
  readonly recipientLimits?: readonly RecipientLimit[];
  /** Resolves within the adapter's own deadline; on abort answers `unknown_outcome` for what was already written. */
  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]>;
  /** Lets running sends finish, then frees connections; may be called again. A later `send` answers `retry`. */
  close(): Promise<void>;
  /**
   * What became of earlier sends, by `Outcome.ask.ref`; `answers[i]` belongs to `refs[i]`. Never throws for a vendor failure:
   * a reference that could not be asked for stays `waiting`.
   */
  query?(refs: readonly string[], signal: AbortSignal): Promise<QueryAnswer[]>;
  /**
   * Shows the cards of to-dos as done; `answers[i]` belongs to `cards[i]`. As `send`: never throws for a vendor failure, never
   * retries.
   */
  closeCards?(cards: readonly SentCard[], signal: AbortSignal): Promise<Outcome[]>;
  /** What a channel test sends to the address, where the vendor takes only texts it has approved; undefined: whatever is usual. */
  probeFor?(address: string): RenderedContent | undefined;
}

export interface RecipientLimit {
  max: number;
  windowS: number;
}

export interface QueryAnswer {
  /**
   * `waiting` ask again later · `ended` nothing more will come than `receipts` · `not_found` the provider never took it: it may
   * be sent again.
   */
  state: 'waiting' | 'ended' | 'not_found';
  receipts: ProviderReceipt[];
}

/** A later word of a provider on something it took. */
export interface ProviderReceipt {
  /** As in `Outcome.providerRef`. */
  providerRef: string;
  status: 'sent' | 'delivered' | 'read' | 'failed';
  /** As in `Outcome`. */
  code?: string;
  words?: string;
  /** When it happened, by the provider's clock; absent: now. */
  at?: Date;
  /** The address is not to be used again: it will never work (`failed`), or its owner complained of what he got (`delivered`). */
  isAddressDead?: true;
}

/** What a person sent back (an SMS uplink). */
export interface Uplink {
  /** In the form in which addresses of the channel are kept: a mobile number with country code. */
  from: string;
  text: string;
  at?: Date;
  /** The provider's id of it, by which a repetition is told. */
  providerId?: string;
}

/** A person began or ended to be reachable at the account (follows, unfollows a WeChat public account). */
export interface AddressEvent {
  address: string;
  event: 'joined' | 'left';
}

/** A device says that it has got a push. Believed only where the push went to that device. */
export interface DeviceAck {
  /** Under which it spoke; the provider has checked that it may. */
  token: string;
  /** `OutboundDelivery.ref`, as the device repeats it: may be anything. */
  ref: string;
}

/** Everything a provider told us at once. */
export interface ProviderNews {
  receipts?: ProviderReceipt[];
  uplinks?: Uplink[];
  addressEvents?: AddressEvent[];
  deviceAcks?: DeviceAck[];
  /** Tokens of devices that are reachable again after a time of which nobody knows. */
  devicesBack?: string[];
}

/** Where adapters with a connection of their own (SMPP, MQTT) leave what arrives on it. Resolves when it is stored. */
export interface ProviderInbox {
  take(accountId: string, news: ProviderNews): Promise<void>;
}

/** A request that a provider made to our receipt address, as it came. */
export interface InboundRequest {
  method: 'GET' | 'POST';
  /** Last value of each name. */
  query: Record<string, string>;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
  /** Address of the caller, after trusted proxies. */
  ip: string;
}

/** What to store, and what the provider wants to hear once it is stored. */
export interface InboundAnswer {
  status: number;
  contentType: string;
  body: string;
  news: ProviderNews;
}

/** An account as the administrator configured it, secrets in clear: never log it. */
export interface ProviderAccount {
  id: string;
  channel: Channel;
  provider: string;
  settings: Record<string, unknown>;
}

/** How the registry learns of an adapter: one folder and one line a vendor. */
export interface ProviderFactory {
  readonly provider: string;
  readonly channels: readonly Channel[];
  /** Class with class-validator and Swagger decorators: the one source for checks and documentation of the settings. */
  readonly settings: new () => object;
  /** Names of settings that are write-only and stored encrypted. */
  readonly secretSettings: readonly string[];
  /**
   * True where receipts and replies come in on a connection of the adapter's own (SMPP): `create` connects, and the worker opens the
   * accounts at its start and again when they change, though there is nothing to send.
   */
  readonly keepsConnection?: true;
  /**
   * Channel `push`: platforms of the devices whose tokens it takes, where a device names no provider; absent: of all. A device
   * that names its provider goes to accounts of that one only.
   */
  readonly platforms?: readonly DevicePlatform[];
  /** True where results come later though there is no `receive` and no connection: they are asked for (`query`), or simulated. */
  readonly reportsLater?: true;
  /**
   * What these settings lack for anything to come of a send after its answer, as words that follow "without"; null where nothing.
   * Absent: no setting matters to it. @param settings without problems
   */
  receiptsNeed?(settings: Record<string, unknown>): string | null;
  create(account: ProviderAccount): ChannelProvider;
  /**
   * Reads and answers a request to `/v1/receipts/{channel}/{account}`; checks its signature. Runs in the gateway, without an open
   * adapter. A request that is not the provider's own is answered 403 with no news. Never throws for what came from outside.
   */
  receive?(account: ProviderAccount, request: InboundRequest): InboundAnswer | Promise<InboundAnswer>;
}
