import { OUTGOING_CHANNELS, type Channel } from '#contracts';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import type { SandboxStore } from '../port/sandbox-store.port.js';
import { readSettings } from '../registry/read-settings.js';
import { SandboxProvider } from './sandbox.provider.js';
import { SandboxSettings } from './sandbox.settings.js';

export class SandboxFactory implements ProviderFactory {
  readonly provider = 'sandbox';
  readonly channels: readonly Channel[] = OUTGOING_CHANNELS;
  readonly settings = SandboxSettings;
  readonly secretSettings: readonly string[] = [];
  readonly reportsLater = true;

  constructor(private readonly store: SandboxStore) {}

  create(account: ProviderAccount): ChannelProvider {
    return new SandboxProvider(account.channel, readSettings(SandboxSettings, account.settings), this.store);
  }
}
