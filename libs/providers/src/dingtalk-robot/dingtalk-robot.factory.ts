import type { Channel } from '#contracts';
import type { GuardedHttp } from '#platform';
import type { ChannelProvider, ProviderAccount, ProviderFactory } from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { DingtalkRobotProvider } from './dingtalk-robot.provider.js';
import { DingtalkRobotSettings } from './dingtalk-robot.settings.js';

export class DingtalkRobotFactory implements ProviderFactory {
  readonly provider = 'dingtalk-robot';
  readonly channels: readonly Channel[] = ['dingtalk'];
  readonly settings = DingtalkRobotSettings;
  readonly secretSettings: readonly string[] = ['accessToken', 'signSecret'];

  constructor(private readonly http: GuardedHttp) {}

  create(account: ProviderAccount): ChannelProvider {
    return new DingtalkRobotProvider(readSettings(DingtalkRobotSettings, account.settings), this.http);
  }
}
