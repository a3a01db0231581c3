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
import { AliyunSmsApi } from './aliyun-sms.api.js';
import { AliyunSmsProvider } from './aliyun-sms.provider.js';
import { readAliyunPush } from './aliyun-sms.receipts.js';
import { AliyunSmsSettings } from './aliyun-sms.settings.js';

export class AliyunSmsFactory implements ProviderFactory {
  readonly provider = 'aliyun';
  readonly channels: readonly Channel[] = ['sms'];
  readonly settings = AliyunSmsSettings;
  readonly secretSettings: readonly string[] = ['accessKeySecret', 'callbackToken'];

  constructor(private readonly http: GuardedHttp) {}

  create(account: ProviderAccount): ChannelProvider {
    const settings = readSettings(AliyunSmsSettings, account.settings);
    return new AliyunSmsProvider(settings, new AliyunSmsApi(settings, this.http));
  }

  receive(account: ProviderAccount, request: InboundRequest): InboundAnswer {
    return readAliyunPush(readSettings(AliyunSmsSettings, account.settings), request);
  }

  receiptsNeed(settings: Record<string, unknown>): string | null {
    return takesCallbacks(readSettings(AliyunSmsSettings, settings)) ? null : 'callbackToken or callbackIps';
  }
}
