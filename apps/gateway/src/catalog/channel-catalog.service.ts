import { Injectable } from '@nestjs/common';
import { CHANNELS, DEFAULT_CHANNEL_ORDER, isChannel, type Channel } from '#contracts';
import { CatalogRepository, CatalogWatch } from '#entities';
import { MqttConfig, SandboxConfig } from '#platform';
import { ChannelsNow, type ChannelView } from './channels-now.js';
import { needsNoAccount } from './needs-no-account.js';

/** Which channels work right now, and in which order they are tried. */
@Injectable()
export class ChannelCatalog {
  private kept: Promise<ChannelsNow> | undefined;

  constructor(
    private readonly catalog: CatalogRepository,
    private readonly sandbox: SandboxConfig,
    private readonly mqtt: MqttConfig,
    watch: CatalogWatch,
  ) {
    watch.onChange('channel', () => (this.kept = undefined));
  }

  current(): Promise<ChannelsNow> {
    this.kept ??= this.load().catch((error: unknown) => {
      this.kept = undefined;
      throw error;
    });
    return this.kept;
  }

  private async load(): Promise<ChannelsNow> {
    const [configs, accounts, smart] = await Promise.all([
      this.catalog.channels(),
      this.catalog.accounts(),
      this.catalog.smart(),
    ]);
    const configOf = new Map(configs.map((config) => [config.channel, config]));
    const served = new Set(accounts.filter((account) => account.enabled).map((account) => account.channel));
    const known = new Set(accounts.map((account) => account.channel));
    const views = new Map(
      CHANNELS.map((channel): [Channel, ChannelView] => {
        const config = configOf.get(channel) ?? null;
        const isServed =
          served.has(channel) || needsNoAccount(channel, this.mqtt) || (this.sandbox.SANDBOX && !known.has(channel));
        return [channel, { isOn: isServed && (config?.enabled ?? true), config }];
      }),
    );
    const place = (channel: Channel): number =>
      configOf.get(channel)?.priority ?? 1000 + DEFAULT_CHANNEL_ORDER.indexOf(channel);
    const order = [...CHANNELS].sort((a, b) => place(a) - place(b));
    const smartOrder = smart?.order.filter(isChannel) ?? [];
    return new ChannelsNow(views, order, {
      order: smartOrder.length > 0 ? smartOrder : order,
      portalAtOnce: smart?.portalAtOnce ?? false,
    });
  }
}
