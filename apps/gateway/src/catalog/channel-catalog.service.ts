import { Injectable } from '@nestjs/common';
import { CHANNELS, DEFAULT_CHANNEL_ORDER, isChannel, type Channel, type PlanStep } from '#contracts';
import { CatalogRepository, CatalogWatch, type ChannelConfig, type SmartSettings } from '#entities';
import { SandboxConfig } from '#platform';

export interface ChannelView {
  /** Switched on and served by a provider (or the sandbox). */
  isOn: boolean;
  /** Served by a provider account, not only by the sandbox. */
  isConfigured: boolean;
  config: ChannelConfig | null;
}

interface View {
  channels: ReadonlyMap<Channel, ChannelView>;
  /** Order in which mode `any` tries. */
  order: readonly Channel[];
  smart: SmartSettings;
}

/** Which channels work right now, and in which order they are tried. */
@Injectable()
export class ChannelCatalog {
  private view: Promise<View> | undefined;

  constructor(
    private readonly catalog: CatalogRepository,
    private readonly sandbox: SandboxConfig,
    watch: CatalogWatch,
  ) {
    watch.onChange('channel', () => (this.view = undefined));
  }

  async channel(channel: Channel): Promise<ChannelView> {
    const view = (await this.current()).channels.get(channel);
    if (!view) throw new RangeError(`no channel ${channel}`);
    return view;
  }

  async order(): Promise<readonly Channel[]> {
    return (await this.current()).order;
  }

  async smart(): Promise<SmartSettings> {
    return (await this.current()).smart;
  }

  /** A step of mode `smart`, with the proof the administrator asks of this channel. */
  async smartStep(channel: Channel): Promise<PlanStep> {
    const { config } = await this.channel(channel);
    return config?.smart_success_when
      ? { channel, successWhen: config.smart_success_when, withinS: config.smart_within_s ?? 60 }
      : { channel };
  }

  private current(): Promise<View> {
    this.view ??= this.load().catch((error: unknown) => {
      this.view = undefined;
      throw error;
    });
    return this.view;
  }

  private async load(): Promise<View> {
    const [configs, accounts, smart] = await Promise.all([
      this.catalog.channels(),
      this.catalog.accounts(),
      this.catalog.smart(),
    ]);
    const configOf = new Map(configs.map((config) => [config.channel, config]));
    const served = new Set(accounts.filter((account) => account.enabled).map((account) => account.channel));
    const channels = new Map(
      CHANNELS.map((channel): [Channel, ChannelView] => {
        const config = configOf.get(channel) ?? null;
        const isConfigured = channel === 'portal' || served.has(channel);
        const isServed = isConfigured || this.sandbox.SANDBOX;
        return [channel, { isOn: isServed && (config?.enabled ?? true), isConfigured, config }];
      }),
    );
    const place = (channel: Channel): number =>
      configOf.get(channel)?.priority ?? 1000 + DEFAULT_CHANNEL_ORDER.indexOf(channel);
    const order = [...CHANNELS].sort((a, b) => place(a) - place(b));
    const smartOrder = smart?.order.filter(isChannel) ?? [];
    return {
      channels,
      order,
      smart: { order: smartOrder.length > 0 ? smartOrder : order, portalAtOnce: smart?.portalAtOnce ?? false },
    };
  }
}
