import type { Channel } from '#contracts';
import type {
  ChannelProvider,
  InboundAnswer,
  InboundRequest,
  ProviderAccount,
  ProviderFactory,
} from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { SmtpProvider } from './smtp.provider.js';
import { receiveBounce } from './smtp.receipts.js';
import { SmtpSettings } from './smtp.settings.js';

export class SmtpFactory implements ProviderFactory {
  readonly provider = 'smtp';
  readonly channels: readonly Channel[] = ['mail'];
  readonly settings = SmtpSettings;
  readonly secretSettings: readonly string[] = ['pass', 'dkimPrivateKey', 'callbackToken'];

  create(account: ProviderAccount): ChannelProvider {
    return new SmtpProvider(readSettings(SmtpSettings, account.settings));
  }

  receive(account: ProviderAccount, request: InboundRequest): InboundAnswer {
    return receiveBounce(readSettings(SmtpSettings, account.settings), request);
  }

  receiptsNeed(settings: Record<string, unknown>): string | null {
    const { dsn, callbackToken } = readSettings(SmtpSettings, settings);
    return dsn === 'success_and_failure' && callbackToken !== undefined
      ? null
      : 'reports of success: dsn: success_and_failure and callbackToken';
  }
}
