import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS } from '#contracts';
import type { Sql } from '../connection/database.js';
import { decodeDeliveryRef } from '../deliveries/delivery-ref.js';
import { firstIdAt } from '../messages/message-id.js';

/** A device says that it has got a push. Fits `DeviceAck` of libs/providers. */
export interface NewDeviceAck {
  token: string;
  /** Per-delivery reference, as the device repeats it: may be anything. */
  ref: string;
}

/**
 * The reference finds the delivery, so that no row a delivery need be kept for it; and only a device to which the delivery went
 * is believed. Messages are looked for before deliveries, because those of one message are too many to look through; and both by
 * their keys, one acknowledgement after the other, whatever the planner makes of a range that is a millisecond wide.
 */
const STORE = `
INSERT INTO receipt (account, provider_id, status, message_id, seq)
SELECT DISTINCT ON (d.message_id, d.seq) $6, x.ref, ${DELIVERY_STATUS.delivered}, d.message_id, d.seq
  FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[], $5::uuid[], $7::uuid[]) AS x(token, ref, low, seq, secret, high)
  CROSS JOIN LATERAL (SELECT id FROM message WHERE id >= x.low AND id < x.high OFFSET 0) m
  CROSS JOIN LATERAL (
    SELECT message_id, seq, ref, channel, address FROM delivery WHERE message_id = m.id AND delivery.seq = x.seq LIMIT 1
  ) d
 WHERE d.ref = x.secret AND d.channel = 'push' AND x.token = ANY(string_to_array(d.address, ','))`;

/** What devices say of what they got. It becomes receipts, which reporting matches like any other. */
@Injectable()
export class DeviceAckRepository {
  /** In the caller's transaction. What is forged, garbage or of another device leaves nothing. @param account `<channel>:<account id>` */
  async store(tx: Sql, account: string, acks: readonly NewDeviceAck[]): Promise<void> {
    const known = acks.flatMap(({ token, ref }) => {
      const parts = decodeDeliveryRef(ref);
      return parts ? [{ token, ref, ...parts }] : [];
    });
    if (known.length === 0) return;
    await tx.query(
      STORE,
      [
        known.map(({ token }) => token),
        known.map(({ ref }) => ref),
        known.map(({ timeMs }) => firstIdAt(timeMs)),
        known.map(({ seq }) => seq),
        known.map(({ secret }) => secret),
        account,
        known.map(({ timeMs }) => firstIdAt(timeMs + 1)),
      ],
      'store_device_acks',
    );
  }
}
