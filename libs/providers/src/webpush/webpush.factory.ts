import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { WebpushProvider } from './webpush.provider.js';
import { WebpushSettings } from './webpush.settings.js';

export class WebpushFactory implements ProviderFactory {
  readonly provider = 'webpush';
  readonly channels: readonly Channel[] = ['push'];
  readonly settings = WebpushSettings;
  readonly secretSettings: readonly string[] = ['privateKey'];
  readonly platforms = ['web'] as const;

  constructor(private readonly http: GuardedHttp) {}

  create(account: ProviderAccount): ChannelProvider {
    return new WebpushProvider(readSettings(WebpushSettings, account.settings), this.http);
  }
}
