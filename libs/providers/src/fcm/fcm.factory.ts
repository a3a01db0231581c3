import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { readSettings } from '../registry/read-settings.js';
import { FcmApi } from './fcm.api.js';
import { FcmProvider } from './fcm.provider.js';
import { FcmSettings } from './fcm.settings.js';

export class FcmFactory implements ProviderFactory {
  readonly provider = 'fcm';
  readonly channels: readonly Channel[] = ['push'];
  readonly settings = FcmSettings;
  readonly secretSettings: readonly string[] = ['privateKey'];
  readonly platforms = ['android', 'ios', 'web'] as const;

  constructor(
    private readonly http: GuardedHttp,
    private readonly custody: TokenCustody,
  ) {}

  create(account: ProviderAccount): ChannelProvider {
    const settings = readSettings(FcmSettings, account.settings);
    return new FcmProvider(settings, new FcmApi(settings, this.http, this.custody));
  }
}
