import type { Channel, OutcomeClass } from '#contracts';

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
}

/** One delivery to hand to a provider. */
export interface OutboundDelivery {
  /** Per-delivery reference: the only id that may travel outside. Stable across retries, so it is the idempotency key. */
  ref: string;
  address: string;
  /** Display name of the recipient, where known. */
  name?: string;
  /** Calling app's display name, for providers that show a source. */
  source?: string;
  content: RenderedContent;
  /** 1 for the first try. */
  attempt: number;
}

/** What became of one delivery of the batch; `outcomes[i]` belongs to `batch[i]`. */
export interface Outcome {
  class: Exclude<OutcomeClass, 'partial'>;
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
  /** Resolves within the adapter's own deadline; on abort answers `unknown_outcome` for what was already written. */
  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]>;
  /** Lets running sends finish, then frees connections; may be called again. A later `send` answers `retry`. */
  close(): Promise<void>;
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
  create(account: ProviderAccount): ChannelProvider;
}
