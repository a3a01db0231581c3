import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** A message for a device, by the reference of its delivery. */
export interface MailboxEntry {
  token: string;
  ref: string;
}

/** What the embedded MQTT broker took for devices, until they have it: the memory of a broker that has no disk of its own. */
@Injectable()
export class MqttMailboxRepository {
  constructor(private readonly database: Database) {}

  /** A message that is there already stays as it is: the worker publishes again what it does not know the end of. */
  async keep(messages: readonly (MailboxEntry & { payload: string })[]): Promise<void> {
    await this.database.query(
      `INSERT INTO mqtt_mailbox (token, ref, payload)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS x(token, ref, payload) ORDER BY x.token COLLATE "C", x.ref COLLATE "C"
       ON CONFLICT DO NOTHING`,
      [messages.map(({ token }) => token), messages.map(({ ref }) => ref), messages.map(({ payload }) => payload)],
      'keep_in_mqtt_mailbox',
    );
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

  /** What waits for a device, the oldest first; of very many the newest. */
  of(token: string, limit: number): Promise<{ ref: string; payload: string }[]> {
    return this.database.query(
      `SELECT ref, payload FROM (
         SELECT ref, payload, place FROM mqtt_mailbox WHERE token = $1 ORDER BY place DESC LIMIT $2
       ) newest ORDER BY place`,
      [token, limit],
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
