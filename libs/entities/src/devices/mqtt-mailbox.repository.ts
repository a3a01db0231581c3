import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { decodeDeliveryRef } from '../deliveries/delivery-ref.js';
import { firstIdAt } from '../messages/message-id.js';
import { SIGN_IN, type MqttSignIn } from './mqtt-sign-in.repository.js';

/** A message for a device, by the reference of its delivery. */
export interface MailboxEntry {
  token: string;
  ref: string;
}

/**
 * The worker looks at a device before it publishes, and publishes again where the broker did not answer: the device may have
 * changed hands in between. Whom a message is for stands in its delivery, which is found as acknowledgements find it.
 */
const KEEP = `
WITH given AS MATERIALIZED (
  SELECT x.place, x.token, x.ref, x.payload, d.owned_since, ${SIGN_IN}
    FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::int[], $7::uuid[])
         WITH ORDINALITY AS x(token, ref, payload, low, high, seq, secret, place)
    JOIN device d ON d.token = x.token COLLATE "C"
    LEFT JOIN LATERAL (
      SELECT one.recipient, m.accepted_at
        FROM (SELECT id, accepted_at FROM message WHERE id >= x.low AND id < x.high OFFSET 0) m
       CROSS JOIN LATERAL (
         SELECT recipient, ref FROM delivery WHERE message_id = m.id AND delivery.seq = x.seq LIMIT 1
       ) one
       WHERE one.ref = x.secret
    ) meant ON true
   WHERE meant.recipient IS NULL OR meant.recipient = d.user_id OR meant.recipient = '' AND meant.accepted_at >= d.owned_since
), kept AS (
  INSERT INTO mqtt_mailbox (token, ref, payload, owned_since)
  SELECT token, ref, payload, owned_since FROM given ORDER BY token COLLATE "C", ref COLLATE "C"
  ON CONFLICT DO NOTHING
)
SELECT place::int, "passwordHash", "ownedSince" FROM given`;

/** What the embedded MQTT broker took for devices, until they have it: the memory of a broker that has no disk of its own. */
@Injectable()
export class MqttMailboxRepository {
  constructor(private readonly database: Database) {}

  /**
   * Answers, for each message in its place, with what its device may sign in by now; null: nobody is to get it, for the device is
   * not registered, or was handed on between the look of the worker and this one. A message that is there already stays as it
   * is: the worker publishes again what it does not know the end of.
   */
  async keep(messages: readonly (MailboxEntry & { payload: string })[]): Promise<(MqttSignIn | null)[]> {
    const parts = messages.map(({ ref }) => decodeDeliveryRef(ref));
    const rows = await this.database.query<MqttSignIn & { place: number }>(
      KEEP,
      [
        messages.map(({ token }) => token),
        messages.map(({ ref }) => ref),
        messages.map(({ payload }) => payload),
        parts.map((part) => part && firstIdAt(part.timeMs)),
        parts.map((part) => part && firstIdAt(part.timeMs + 1)),
        parts.map((part) => part?.seq ?? null),
        parts.map((part) => part?.secret ?? null),
      ],
      'keep_in_mqtt_mailbox',
    );
    const signIns = messages.map((): MqttSignIn | null => null);
    for (const { place, ...signIn } of rows) signIns[place - 1] = signIn;
    return signIns;
  }

  /** The devices have them. */
  async drop(messages: readonly MailboxEntry[]): Promise<void> {
    await this.database.query(
      `WITH gone AS MATERIALIZED (
         SELECT m.token, m.ref FROM unnest($1::text[], $2::text[]) AS x(token, ref)
           JOIN mqtt_mailbox m ON m.token = x.token COLLATE "C" AND m.ref = x.ref COLLATE "C"
          ORDER BY m.token, m.ref FOR UPDATE OF m
       )
       DELETE FROM mqtt_mailbox m USING gone WHERE m.token = gone.token AND m.ref = gone.ref`,
      [messages.map(({ token }) => token), messages.map(({ ref }) => ref)],
      'drop_from_mqtt_mailbox',
    );
  }

  /**
   * What waits for who signed in so, the oldest first; of very many the newest. Nothing where the device has meanwhile changed hands,
   * got another password or gone.
   */
  of(token: string, signIn: MqttSignIn, limit: number): Promise<{ ref: string; payload: string }[]> {
    return this.database.query(
      `SELECT ref, payload FROM (
         SELECT m.ref, m.payload, m.place FROM device d JOIN mqtt_mailbox m ON m.token = d.token AND m.owned_since = d.owned_since
          WHERE d.token = $1 AND d.owned_since = $2::timestamptz AND d.mqtt_password_hash = $3 AND d.deactivated_at IS NULL
          ORDER BY m.place DESC LIMIT $4
       ) newest ORDER BY place`,
      [token, signIn.ownedSince, signIn.passwordHash, limit],
      'mqtt_mailbox_of',
    );
  }

  /** Forgets what nobody fetched for so many days, at most `limit`. Answers how many went: `limit` means call again. */
  async prune(days: number, limit: number): Promise<number> {
    const rows = await this.database.query(
      `DELETE FROM mqtt_mailbox WHERE (token, ref) IN (
         SELECT token, ref FROM mqtt_mailbox WHERE stored_at < now() - $1 * interval '1 day' ORDER BY stored_at LIMIT $2)
       RETURNING 1`,
      [days, limit],
    );
    return rows.length;
  }
}
