import type { Channel, DevicePlatform } from '#contracts';
import type {
  ChannelProvider,
  ProviderAccount,
  ProviderFactory,
  ProviderInbox,
} from '../port/channel-provider.port.js';
import { readSettings } from '../registry/read-settings.js';
import { MqttProvider } from './mqtt.provider.js';
import { MqttSettings } from './mqtt.settings.js';

export class MqttFactory implements ProviderFactory {
  readonly provider = 'mqtt';
  readonly channels: readonly Channel[] = ['push'];
  readonly settings = MqttSettings;
  readonly secretSettings: readonly string[] = ['password'];
  readonly keepsConnection = true;
  readonly platforms: readonly DevicePlatform[] = ['android', 'harmony'];

  /**
   * @param inbox takes what devices say on the connections of this process
   * @param replica name of this process, the same after a restart and unlike that of any other
   */
  constructor(
    private readonly inbox: ProviderInbox,
    private readonly replica: string,
  ) {}

  create(account: ProviderAccount): ChannelProvider {
    return new MqttProvider(readSettings(MqttSettings, account.settings), account.id, this.replica, this.inbox);
  }

  receiptsNeed(settings: Record<string, unknown>): string | null {
    return readSettings(MqttSettings, settings).acks === 'none' ? 'the acknowledgements of devices (acks)' : null;
  }
}
