import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type {
  ChannelProvider,
  InboundAnswer,
  InboundRequest,
  ProviderAccount,
  ProviderFactory,
} from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { takesCallbacks } from '../sms/callback-guard.js';
import { TencentSmsApi } from './tencent-sms.api.js';
import { TencentSmsProvider } from './tencent-sms.provider.js';
import { readTencentCallback } from './tencent-sms.receipts.js';
import { TencentSmsSettings } from './tencent-sms.settings.js';

export class TencentSmsFactory implements ProviderFactory {
  readonly provider = 'tencent';
  readonly channels: readonly Channel[] = ['sms'];
  readonly settings = TencentSmsSettings;
  readonly secretSettings: readonly string[] = ['secretKey', 'callbackToken'];

  constructor(private readonly http: GuardedHttp) {}

  create(account: ProviderAccount): ChannelProvider {
    const settings = readSettings(TencentSmsSettings, account.settings);
    return new TencentSmsProvider(settings, new TencentSmsApi(settings, this.http));
  }

  receive(account: ProviderAccount, request: InboundRequest): InboundAnswer {
    return readTencentCallback(readSettings(TencentSmsSettings, account.settings), request);
  }

  receiptsNeed(settings: Record<string, unknown>): string | null {
    return takesCallbacks(readSettings(TencentSmsSettings, settings)) ? null : 'callbackToken or callbackIps';
  }
}
