import type { Channel } from '#contracts';
import type { UplinkRow } from '#entities';

export interface UplinkView {
  id: number;
  channel: Channel;
  /** Account of the channel at which it arrived; empty on channel `portal`. */
  account: string;
  /** Who sent it: a number; on channel `portal` a user id. */
  address: string;
  text: string;
  /** By the provider's clock. */
  at: string;
  receivedAt: string;
  /** What it answers: the newest message sent to the number in the 72 hours before; null: none was. */
  messageId: string | null;
  appId: string | null;
}

export const uplinkView = (row: UplinkRow): UplinkView => ({
  ...row,
  account: row.account.slice(row.channel.length + 1),
  at: row.at.toISOString(),
  receivedAt: row.receivedAt.toISOString(),
});

export const UPLINK_EXAMPLE: UplinkView = {
  id: 42,
  channel: 'sms',
  account: 'main',
  address: '13800138000',
  text: 'TD',
  at: '2026-01-05T08:00:00.000Z',
  receivedAt: '2026-01-05T08:00:01.204Z',
  messageId: '01994b5e-7c1e-7c58-9a6e-0a9d5b2f3c11',
  appId: 'shop',
};
