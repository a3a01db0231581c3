import { createHash } from 'node:crypto';
import { AppError, type Channel, type DevicePlatform } from '#contracts';
import type {
  ChannelProvider,
  InboundAnswer,
  InboundRequest,
  ProviderAccount,
  ProviderFactory,
} from '../port/channel-provider.port.js';
import { settingsProblemsOf, type SettingsProblem } from './read-settings.js';

interface OpenAccount {
  fingerprint: string;
  provider: ChannelProvider;
}

/** The adapters this process knows and the accounts it has open. One instance an account, as long as its settings stand. */
export class ProviderRegistry {
  private readonly factories = new Map<string, ProviderFactory>();
  private readonly opened = new Map<string, OpenAccount>();
  private readonly closing = new Set<Promise<void>>();
  private isClosed = false;

  /** Two factories for one channel and provider name are a bug of the composition. */
  constructor(factories: readonly ProviderFactory[]) {
    for (const factory of factories) {
      for (const channel of factory.channels) {
        const key = `${channel}/${factory.provider}`;
        if (this.factories.has(key)) throw new AppError('duplicate_provider', 'bug', `two factories serve ${key}`);
        this.factories.set(key, factory);
      }
    }
  }

  /** Names of the providers that can serve the channel, for documentation and error messages. */
  providersOf(channel: Channel): string[] {
    return [...new Set(this.factories.values())].filter((f) => f.channels.includes(channel)).map((f) => f.provider);
  }

  /** Everything wrong with the settings, or an empty list. An unknown provider is a problem of the field `provider`. */
  settingsProblems(channel: Channel, provider: string, settings: Record<string, unknown>): SettingsProblem[] {
    const factory = this.find(channel, provider);
    if (factory) return settingsProblemsOf(factory.settings, settings);
    const known = this.providersOf(channel).join(', ') || 'none';
    return [{ field: 'provider', detail: `provider must be one of: ${known}` }];
  }

  /** Names of the write-only settings. Throws `unknown_provider`. */
  secretSettings(channel: Channel, provider: string): readonly string[] {
    return this.get(channel, provider).secretSettings;
  }

  /** Whether accounts of the provider are to be open though there is nothing to send. False for an unknown provider. */
  keepsConnection(channel: Channel, provider: string): boolean {
    return this.find(channel, provider)?.keepsConnection ?? false;
  }

  /** Whether the provider takes tokens of devices of the platform. False for an unknown provider. */
  servesPlatform(channel: Channel, provider: string, platform: DevicePlatform): boolean {
    const factory = this.find(channel, provider);
    return factory !== undefined && (factory.platforms?.includes(platform) ?? true);
  }

  /**
   * Why nothing comes of a send after its answer, as the end of a sentence that begins with the provider; null where something does.
   * @param settings without problems
   */
  whyNoReceipts(channel: Channel, provider: string, settings: Record<string, unknown>): string | null {
    const factory = this.find(channel, provider);
    const givesSome = factory?.receive !== undefined || factory?.keepsConnection || factory?.reportsLater;
    if (!factory || !givesSome) return 'sends no receipts';
    const missing = factory.receiptsNeed?.(settings) ?? null;
    return missing === null ? null : `sends no receipts without ${missing}`;
  }

  /**
   * The account's adapter, opened at first use and again when the settings have changed; the old one finishes what it
   * is sending. Throws `unknown_provider`, `bad_provider_settings` (permanent), `registry_closed` (transient).
   */
  open(account: ProviderAccount): ChannelProvider {
    if (this.isClosed) throw new AppError('registry_closed', 'transient', 'this process is shutting down');
    const fingerprint = fingerprintOf(account);
    const current = this.opened.get(account.id);
    if (current?.fingerprint === fingerprint) return current.provider;
    const provider = this.get(account.channel, account.provider).create(account);
    this.opened.set(account.id, { fingerprint, provider });
    if (current) this.close(current.provider);
    return provider;
  }

  /**
   * Has the account's provider read and answer what came to its receipt address. Null: the provider is unknown here, or
   * never says anything by itself.
   */
  async receive(account: ProviderAccount, request: InboundRequest): Promise<InboundAnswer | null> {
    const factory = this.find(account.channel, account.provider);
    return factory?.receive ? factory.receive(account, request) : null;
  }

  /** Ends the accounts that are open and not among `usedIds`: switched off or removed, they would go on receiving. */
  closeUnused(usedIds: ReadonlySet<string>): void {
    for (const [id, { provider }] of this.opened) {
      if (usedIds.has(id)) continue;
      this.opened.delete(id);
      this.close(provider);
    }
  }

  /** Ends every account; resolves when running sends have finished. */
  async closeAll(): Promise<void> {
    this.isClosed = true;
    for (const { provider } of this.opened.values()) this.close(provider);
    this.opened.clear();
    await Promise.allSettled(this.closing);
  }

  private close(provider: ChannelProvider): void {
    const closing: Promise<void> = provider.close().finally(() => this.closing.delete(closing));
    this.closing.add(closing);
    // The port says it does not reject; an adapter that does must not take the process with it.
    closing.catch(() => undefined);
  }

  private find(channel: Channel, provider: string): ProviderFactory | undefined {
    return this.factories.get(`${channel}/${provider}`);
  }

  private get(channel: Channel, provider: string): ProviderFactory {
    const factory = this.find(channel, provider);
    if (!factory) {
      throw new AppError('unknown_provider', 'permanent', `no provider "${provider}" serves ${channel}`, {
        channel,
        provider,
      });
    }
    return factory;
  }
}

/** A hash, so that no second copy of the secrets is kept. Keys are sorted: JSON columns do not keep their order. */
function fingerprintOf({ channel, provider, settings }: ProviderAccount): string {
  const sorted = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : value;
  return createHash('sha256')
    .update(JSON.stringify([channel, provider, sorted(settings)]))
    .digest('base64');
}
