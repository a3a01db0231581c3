import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';
import { insertMessages } from '../messages/insert-messages.sql.js';
import type { NewMessage } from '../messages/new-message.js';
import { FOLD_EVENTS, TELL_OFFLINE } from './im-outbox.sql.js';

/** Events of the webhook that carry a list; `msg.offline` is made of the recipients later. */
export type ImListEvent = 'msg.notify' | 'user.onlinestatus';

/** Something that the webhook, or the phones of people who are offline, are to be told. */
export interface ImTelling {
  /** One JSON value as text: a message as the door shows it, or a line of `user.onlinestatus`. */
  body: string;
  /** In whose next batch it goes; null: in none. */
  event: ImListEvent | null;
  /** `msg.offline` names the recipients without an online master device. */
  wantsOffline: boolean;
  /** What the phones of recipients who are not connected show; null: they get no push. */
  pushText: string | null;
  /** Who sent it is not told that it came. */
  fromUid: string | null;
  /** Whose subscribers the recipients are, where `uids` names none. */
  channelKey: number | null;
  uids: readonly string[] | null;
}

/** A push to people who are not connected and have a device that takes it. */
export interface ImPush {
  text: string;
  /** At most 1,000, no two alike. */
  uids: string[];
}

/** What the IM door has to tell the outside: rows, committed with what they tell, until they became callbacks. */
@Injectable()
export class ImOutboxRepository {
  constructor(private readonly database: Database) {}

  /** @param sql the transaction that stores what is told */
  async add(sql: Sql, tellings: readonly ImTelling[]): Promise<void> {
    if (tellings.length === 0) return;
    await sql.query(
      `INSERT INTO im_outbox (body, event, wants_offline, push_text, from_uid, channel_key, uids)
       SELECT t.body, t.event, t.wants_offline, t.push_text, t.from_uid, t.channel_key,
              CASE WHEN t.uids IS NOT NULL THEN ARRAY(
                SELECT DISTINCT u COLLATE "C" FROM jsonb_array_elements_text(t.uids::jsonb) AS u ORDER BY 1) END
         FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::bigint[], $7::text[])
              WITH ORDINALITY AS t(body, event, wants_offline, push_text, from_uid, channel_key, uids, place)
        ORDER BY t.place`,
      [
        tellings.map(({ body }) => body),
        tellings.map(({ event }) => event),
        tellings.map(({ wantsOffline }) => wantsOffline),
        tellings.map(({ pushText }) => pushText),
        tellings.map(({ fromUid }) => fromUid),
        tellings.map(({ channelKey }) => channelKey),
        tellings.map(({ uids }) => uids && JSON.stringify(uids)),
      ],
    );
  }

  /**
   * Makes callbacks of what waits, up to 100 a callback. Answers whether there may be more.
   * @param address of the webhook, up to and with `event=`
   */
  async foldEvents(address: string): Promise<boolean> {
    const [row] = await this.database.query<{ has_more: boolean }>(FOLD_EVENTS, [address]);
    return row?.has_more ?? false;
  }

  /**
   * `msg.offline` and pushes for the next recipients of each message that wants them, in one transaction.
   * @param address as of `foldEvents`; null: there is no webhook
   * @param toMessage makes the message of a push
   */
  tellOffline(
    address: string | null,
    toMessage: (push: ImPush) => NewMessage,
  ): Promise<{ hasMore: boolean; messageIds: string[] }> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ hasMore: boolean; pushes: ImPush[] }>(TELL_OFFLINE, [address]);
      const messages = (row?.pushes ?? []).map(toMessage);
      if (messages.length > 0) await insertMessages(tx, messages);
      return { hasMore: row?.hasMore ?? false, messageIds: messages.map(({ id }) => id) };
    });
  }
}
