import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { readSettings } from '../registry/read-settings.js';
import { WecomProvider } from './wecom.provider.js';
import { WecomSettings } from './wecom.settings.js';

export class WecomFactory implements ProviderFactory {
  readonly provider = 'wecom';
  readonly channels: readonly Channel[] = ['wecom'];
  readonly settings = WecomSettings;
  readonly secretSettings: readonly string[] = ['secret'];

  constructor(
    private readonly http: GuardedHttp,
    private readonly custody: TokenCustody,
  ) {}

  create(account: ProviderAccount): ChannelProvider {
    return new WecomProvider(readSettings(WecomSettings, account.settings), this.http, this.custody);
  }
}
