import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { UmengProvider } from './umeng.provider.js';
import { UmengSettings } from './umeng.settings.js';

export class UmengFactory implements ProviderFactory {
  readonly provider = 'umeng';
  readonly channels: readonly Channel[] = ['push'];
  readonly settings = UmengSettings;
  readonly secretSettings: readonly string[] = ['appMasterSecret', 'iosAppMasterSecret'];
  readonly platforms = ['android', 'harmony', 'ios'] as const;

  constructor(private readonly http: GuardedHttp) {}

  create(account: ProviderAccount): ChannelProvider {
    return new UmengProvider(readSettings(UmengSettings, account.settings), this.http);
  }
}
