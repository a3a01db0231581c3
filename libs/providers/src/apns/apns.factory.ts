import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { readSettings } from '../registry/read-settings.js';
import { ApnsApi } from './apns.api.js';
import { ApnsProvider } from './apns.provider.js';
import { ApnsSettings } from './apns.settings.js';

export class ApnsFactory implements ProviderFactory {
  readonly provider = 'apns';
  readonly channels: readonly Channel[] = ['push'];
  readonly settings = ApnsSettings;
  readonly secretSettings: readonly string[] = ['privateKey'];
  readonly platforms = ['ios'] as const;

  constructor(
    private readonly http: GuardedHttp,
    private readonly custody: TokenCustody,
  ) {}

  create(account: ProviderAccount): ChannelProvider {
    const settings = readSettings(ApnsSettings, account.settings);
    return new ApnsProvider(settings, new ApnsApi(settings, this.http, this.custody));
  }
}
