import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Inboxes that are counted and paged by one index, the to-do as one object, reminders, replies. */
export class InboxAndTodos1790000000005 implements MigrationInterface {
  name = 'InboxAndTodos1790000000005';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE delivery ADD COLUMN inbox_state smallint, ADD COLUMN done_at timestamptz;
      COMMENT ON COLUMN delivery.inbox_state IS 'code of libs/contracts inbox-state; null: the row is in nobody''s inbox';
      COMMENT ON COLUMN delivery.done_at IS 'when the to-do was closed for this recipient; null: it is open, or no to-do';
      UPDATE delivery d
         SET inbox_state = CASE WHEN m.kind = 'todo' THEN CASE WHEN d.status = 62 THEN 3 ELSE 4 END
                                WHEN d.read_at IS NULL THEN 2 ELSE 1 END,
             done_at = CASE WHEN d.status = 62 THEN d.settled_at END
        FROM message m
       WHERE m.id = d.message_id AND d.channel = 'portal' AND (d.status IN (40, 50) OR (d.status = 62 AND m.kind = 'todo'));

      DROP INDEX delivery_unread_idx;
      DROP INDEX delivery_recipient_idx;
      CREATE INDEX delivery_inbox_idx ON delivery (recipient, inbox_state, message_id DESC, seq DESC) WHERE inbox_state IS NOT NULL;
      CREATE INDEX delivery_recipient_idx ON delivery (recipient, message_id DESC) WHERE inbox_state IS NULL;
      COMMENT ON INDEX delivery_inbox_idx IS 'a person''s inbox by state, newest first: pages and counts without reading rows';
      CREATE INDEX delivery_open_todo_idx ON delivery (message_id, recipient) WHERE inbox_state = 4;
      COMMENT ON INDEX delivery_open_todo_idx IS 'who has not done a to-do: who is reminded, and what retention keeps';

      ALTER TABLE message ADD COLUMN remind_every_s integer, ADD COLUMN reminder_of uuid;
      COMMENT ON COLUMN message.remind_every_s IS 'to-dos: whoever has not done it is reminded after so many seconds, again and again';
      COMMENT ON COLUMN message.reminder_of IS 'the to-do this message reminds of; it goes to those who have it open';
      CREATE INDEX message_reminder_idx ON message (reminder_of) WHERE reminder_of IS NOT NULL;
      CREATE UNIQUE INDEX work_remind_idx ON work (message_id) WHERE kind = 'remind';

      CREATE TABLE open_todo (
        app_id text COLLATE "C" NOT NULL,
        digest bytea NOT NULL,
        user_id text COLLATE "C" NOT NULL,
        message_id uuid NOT NULL,
        PRIMARY KEY (app_id, digest, user_id)
      );
      COMMENT ON TABLE open_todo IS 'To-dos that may not be sent to the same person twice while they are open; removed on closing';
      COMMENT ON COLUMN open_todo.digest IS 'SHA-256 of what makes two to-dos the same';
      CREATE INDEX open_todo_message_idx ON open_todo (message_id, user_id);

      ALTER TABLE callback ADD COLUMN type text NOT NULL DEFAULT 'delivery.status';

      ALTER TABLE uplink ADD COLUMN pulled_at timestamptz;
      COMMENT ON COLUMN uplink.pulled_at IS 'when the app pulled it; null: not yet';
      COMMENT ON COLUMN uplink.address IS 'who sent it: the number; on channel portal the user id';
      CREATE INDEX uplink_waiting_idx ON uplink (app_id, id) WHERE pulled_at IS NULL AND message_id IS NOT NULL;
      CREATE INDEX uplink_pulled_idx ON uplink (app_id, pulled_at) WHERE pulled_at IS NOT NULL;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP INDEX uplink_pulled_idx, uplink_waiting_idx;
      ALTER TABLE uplink DROP COLUMN pulled_at;
      COMMENT ON COLUMN uplink.address IS NULL;
      ALTER TABLE callback DROP COLUMN type;
      DROP TABLE open_todo;
      DROP INDEX work_remind_idx, message_reminder_idx, delivery_open_todo_idx;
      ALTER TABLE message DROP COLUMN remind_every_s, DROP COLUMN reminder_of;
      DROP INDEX delivery_inbox_idx;
      DROP INDEX delivery_recipient_idx;
      ALTER TABLE delivery DROP COLUMN inbox_state, DROP COLUMN done_at;
      CREATE INDEX delivery_recipient_idx ON delivery (recipient, message_id DESC);
      CREATE INDEX delivery_unread_idx ON delivery (recipient) WHERE channel = 'portal' AND read_at IS NULL;
      COMMENT ON INDEX delivery_unread_idx IS 'without status, so that a settled delivery needs no new index entries';
    `);
  }
}
