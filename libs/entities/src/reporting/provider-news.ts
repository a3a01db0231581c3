import type { Channel } from '#contracts';
import type { NewDeviceAck } from '../devices/device-ack.repository.js';

/** A later word of a provider on what it took. Fits `ProviderReceipt` of libs/providers. */
export interface NewReceipt {
  providerRef: string;
  status: 'sent' | 'delivered' | 'read' | 'failed';
  code?: string;
  words?: string;
  at?: Date;
  isAddressDead?: true;
}

/** What a person sent back. Fits `Uplink` of libs/providers. */
export interface NewUplink {
  /** In the form in which addresses of the channel are kept. */
  from: string;
  text: string;
  at?: Date;
  providerId?: string;
}

/** Everything a provider told us at once. Fits `ProviderNews` of libs/providers. */
export interface News {
  receipts?: readonly NewReceipt[];
  uplinks?: readonly NewUplink[];
  addressEvents?: readonly { address: string; event: 'joined' | 'left' }[];
  deviceAcks?: readonly NewDeviceAck[];
  /** Tokens. */
  devicesBack?: readonly string[];
}

/** `recipient_address.account` of the addresses at this account: WeChat openids belong to one public account. */
export const addressAccountOf = (channel: Channel, account: string): string =>
  channel === 'wechat' ? account.slice(channel.length + 1) : '';
