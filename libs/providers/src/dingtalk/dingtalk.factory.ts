import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { readSettings } from '../registry/read-settings.js';
import { DingtalkProvider } from './dingtalk.provider.js';
import { DingtalkSettings } from './dingtalk.settings.js';

export class DingtalkFactory implements ProviderFactory {
  readonly provider = 'dingtalk';
  readonly channels: readonly Channel[] = ['dingtalk'];
  readonly settings = DingtalkSettings;
  readonly secretSettings: readonly string[] = ['appSecret'];
  readonly reportsLater = true;

  constructor(
    private readonly http: GuardedHttp,
    private readonly custody: TokenCustody,
  ) {}

  create(account: ProviderAccount): ChannelProvider {
    return new DingtalkProvider(readSettings(DingtalkSettings, account.settings), this.http, this.custody);
  }
}
