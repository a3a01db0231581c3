import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type {
  ChannelProvider,
  InboundAnswer,
  InboundRequest,
  ProviderAccount,
  ProviderFactory,
} from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { readSettings } from '../registry/read-settings.js';
import { WechatProvider } from './wechat.provider.js';
import { receiveWechat } from './wechat.receipts.js';
import { WechatSettings } from './wechat.settings.js';

export class WechatFactory implements ProviderFactory {
  readonly provider = 'wechat';
  readonly channels: readonly Channel[] = ['wechat'];
  readonly settings = WechatSettings;
  readonly secretSettings: readonly string[] = ['appSecret', 'token', 'encodingAesKey'];

  constructor(
    private readonly http: GuardedHttp,
    private readonly custody: TokenCustody,
  ) {}

  create(account: ProviderAccount): ChannelProvider {
    return new WechatProvider(readSettings(WechatSettings, account.settings), this.http, this.custody);
  }

  receive(account: ProviderAccount, request: InboundRequest): InboundAnswer {
    return receiveWechat(readSettings(WechatSettings, account.settings), request);
  }
}
