import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { JpushApi } from './jpush.api.js';
import { JpushProvider } from './jpush.provider.js';
import { JpushSettings } from './jpush.settings.js';

export class JpushFactory implements ProviderFactory {
  readonly provider = 'jpush';
  readonly channels: readonly Channel[] = ['push'];
  readonly settings = JpushSettings;
  readonly secretSettings: readonly string[] = ['masterSecret'];
  readonly platforms = ['android', 'ios'] as const;
  readonly reportsLater = true;

  constructor(private readonly http: GuardedHttp) {}

  create(account: ProviderAccount): ChannelProvider {
    const settings = readSettings(JpushSettings, account.settings);
    return new JpushProvider(settings, new JpushApi(settings, this.http));
  }

  receiptsNeed(settings: Record<string, unknown>): string | null {
    return readSettings(JpushSettings, settings).receipts ? null : 'the setting receipts: true';
  }
}
