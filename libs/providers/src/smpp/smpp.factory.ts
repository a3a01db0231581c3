import type { Channel } from '#contracts';
import type {
  ChannelProvider,
  ProviderAccount,
  ProviderFactory,
  ProviderInbox,
} from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { SmppProvider } from './smpp.provider.js';
import { SmppSettings } from './smpp.settings.js';

export class SmppFactory implements ProviderFactory {
  readonly provider = 'smpp';
  readonly channels: readonly Channel[] = ['sms'];
  readonly settings = SmppSettings;
  readonly secretSettings: readonly string[] = ['password'];
  readonly keepsConnection = true;

  /** @param inbox takes the receipts and uplinks that arrive on the sessions of this process */
  constructor(private readonly inbox: ProviderInbox) {}

  create(account: ProviderAccount): ChannelProvider {
    return new SmppProvider(readSettings(SmppSettings, account.settings), account.id, this.inbox);
  }

  receiptsNeed(settings: Record<string, unknown>): string | null {
    return readSettings(SmppSettings, settings).requestReceipts ? null : 'the setting requestReceipts';
  }
}
