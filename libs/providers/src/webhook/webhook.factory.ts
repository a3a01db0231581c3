import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { WebhookProvider } from './webhook.provider.js';
import { WebhookSettings } from './webhook.settings.js';

export class WebhookFactory implements ProviderFactory {
  readonly provider = 'webhook';
  readonly channels: readonly Channel[] = ['webhook'];
  readonly settings = WebhookSettings;
  readonly secretSettings: readonly string[] = ['secret', 'previousSecret'];

  constructor(private readonly http: GuardedHttp) {}

  create(account: ProviderAccount): ChannelProvider {
    return new WebhookProvider(readSettings(WebhookSettings, account.settings), this.http);
  }
}
