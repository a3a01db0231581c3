import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, type Channel } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import { DeviceAckRepository } from '../devices/device-ack.repository.js';
import { DeviceRepository } from '../devices/device.repository.js';
import { AddressHygieneRepository } from '../directory/address-hygiene.repository.js';
import { addressAccountOf, type NewReceipt, type News } from './provider-news.js';
import { storableText, storableTime } from './storable.js';
import { UplinkRepository } from './uplink.repository.js';

/** Stores what providers tell us by themselves, whichever way it came. */
@Injectable()
export class ProviderNewsRepository {
  constructor(
    private readonly database: Database,
    private readonly uplinks: UplinkRepository,
    private readonly hygiene: AddressHygieneRepository,
    private readonly acks: DeviceAckRepository,
    private readonly devices: DeviceRepository,
  ) {}

  /**
   * All of it or nothing, in one transaction. Storing it again does no harm: a provider that hears nothing repeats itself.
   * @param account `<channel>:<account id>`
   */
  async take(channel: Channel, account: string, news: News): Promise<void> {
    const { receipts = [], uplinks = [], addressEvents = [], deviceAcks = [], devicesBack = [] } = news;
    const lists = [receipts, uplinks, addressEvents, deviceAcks, devicesBack];
    if (lists.every((list) => list.length === 0)) return;
    // Of several events about one address the last one stands.
    const last = new Map(addressEvents.map(({ address, event }) => [storableText(address), event]));
    const addressesOf = (event: 'joined' | 'left'): { channel: Channel; account: string; address: string }[] =>
      [...last]
        .filter((entry) => entry[1] === event)
        .map(([address]) => ({ channel, account: addressAccountOf(channel, account), address }));
    await this.database.transaction(async (tx) => {
      await this.storeReceipts(tx, account, receipts);
      await this.acks.store(tx, account, deviceAcks);
      await this.devices.seen(tx, devicesBack);
      await this.uplinks.store(tx, channel, account, uplinks);
      await this.hygiene.revive(tx, addressesOf('joined'));
      await this.hygiene.suspend(
        tx,
        addressesOf('left').map((address) => ({ ...address, reason: 'left' })),
      );
    });
  }

  /** In the caller's transaction. They are matched to their deliveries by `ReceiptRepository.matchDue`. */
  async storeReceipts(tx: Sql, account: string, receipts: readonly NewReceipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const rows = receipts.map(({ providerRef, status, code, words, at, isAddressDead }) => ({
      ref: storableText(providerRef),
      status: DELIVERY_STATUS[status],
      code: code === undefined ? null : storableText(code),
      words: words === undefined ? null : storableText(words),
      at: storableTime(at),
      dead: isAddressDead ?? false,
    }));
    await tx.query(
      `INSERT INTO receipt (account, provider_id, status, code, words, at, is_address_dead)
       SELECT $2, x.ref, x.status, left(x.code, 64), left(x.words, 500), least(coalesce(x.at, now()), now()), x.dead
         FROM jsonb_to_recordset($1::jsonb) AS x(ref text, status smallint, code text, words text, at timestamptz, dead boolean)`,
      [JSON.stringify(rows), account],
    );
  }
}
