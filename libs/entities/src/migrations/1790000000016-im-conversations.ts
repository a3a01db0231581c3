import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Conversations of the IM door, and what its webhook and the phones of people who are offline are still to be told. */
export class ImConversations1790000000016 implements MigrationInterface {
  name = 'ImConversations1790000000016';

  async up(db: QueryRunner): Promise<void> {
    const hot =
      'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0';
    await db.query(`
      CREATE TABLE im_conversation (
        uid text COLLATE "C" NOT NULL,
        channel_key bigint NOT NULL,
        peer text COLLATE "C",
        is_left boolean,
        is_guest boolean NOT NULL DEFAULT false,
        base bigint NOT NULL DEFAULT 0,
        hidden_seq bigint NOT NULL DEFAULT 0,
        own_red bigint NOT NULL DEFAULT 0,
        own_seq bigint NOT NULL DEFAULT 0,
        own_at bigint NOT NULL DEFAULT 0,
        version bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (uid, channel_key)
      ) WITH (fillfactor = 70);
      COMMENT ON TABLE im_conversation IS 'Who takes part in a channel, and what he has read of it. A message changes its channel only: unread is a subtraction';
      COMMENT ON COLUMN im_conversation.peer IS 'of a person channel the other one; null: the channel''s own id is shown';
      COMMENT ON COLUMN im_conversation.is_left IS 'of a person channel: whether he is the left one, whose red dots im_channel.red_left counts; null: no person channel, or nobody sent';
      COMMENT ON COLUMN im_conversation.is_guest IS 'he is no subscriber: only messages that named him count';
      COMMENT ON COLUMN im_conversation.base IS 'red dots of the channel that are read, or his own; below 0 where more was set to unread than there were';
      COMMENT ON COLUMN im_conversation.hidden_seq IS 'shown only while a later message than this one is there: the last one when he came, or deleted it';
      COMMENT ON COLUMN im_conversation.own_red IS 'red dots of messages that were for a part of the channel, him among them';
      COMMENT ON COLUMN im_conversation.own_seq IS 'last of those messages, or what the client says of a large channel; own_at: its time, epoch seconds';
      COMMENT ON COLUMN im_conversation.version IS 'when it was last changed otherwise than by a message to all, epoch ms';

      CREATE TABLE im_outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        body text NOT NULL,
        event text,
        wants_offline boolean NOT NULL DEFAULT false,
        push_text text,
        from_uid text COLLATE "C",
        channel_key bigint,
        uids text[] COLLATE "C",
        after_uid text COLLATE "C" NOT NULL DEFAULT '',
        at timestamptz NOT NULL DEFAULT now()
      ) WITH (${hot});
      COMMENT ON TABLE im_outbox IS 'What the webhook of the IM door, and phones of people who are offline, are to be told; committed with what it tells';
      COMMENT ON COLUMN im_outbox.body IS 'JSON text, not jsonb: ids of messages are larger than most readers of JSON can hold';
      COMMENT ON COLUMN im_outbox.event IS 'of the webhook, in whose next batch the body goes; null: in none, or it went';
      COMMENT ON COLUMN im_outbox.wants_offline IS 'msg.offline is to name the recipients that are offline';
      COMMENT ON COLUMN im_outbox.push_text IS 'what the phones of those recipients show; null: no push';
      COMMENT ON COLUMN im_outbox.uids IS 'the recipients where they are named, in order; null: the subscribers of the channel';
      COMMENT ON COLUMN im_outbox.after_uid IS 'recipients up to this one are done';

      ALTER TABLE callback ALTER COLUMN message_id DROP NOT NULL, ALTER COLUMN items DROP NOT NULL, ADD COLUMN body text,
        ADD CONSTRAINT callback_content_check CHECK ((items IS NULL) <> (body IS NULL));
      COMMENT ON COLUMN callback.app_id IS 'empty: the webhook of the IM door, which belongs to the operator';
      COMMENT ON COLUMN callback.body IS 'sent as it stands, instead of items in our envelope';
      DROP INDEX callback_due_idx;
      CREATE INDEX callback_due_idx ON callback (due_at) WHERE app_id <> '';
      CREATE INDEX callback_im_due_idx ON callback (due_at) WHERE app_id = '';
      COMMENT ON INDEX callback_im_due_idx IS 'apart: however many wait for a webhook that hangs, client apps do not wait behind them';
      ALTER TABLE dead_letter ALTER COLUMN message_id DROP NOT NULL;
      COMMENT ON COLUMN dead_letter.message_id IS 'null: a webhook of the IM door';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DELETE FROM callback WHERE body IS NOT NULL;
      DELETE FROM dead_letter WHERE message_id IS NULL;
      COMMENT ON COLUMN dead_letter.message_id IS NULL;
      ALTER TABLE dead_letter ALTER COLUMN message_id SET NOT NULL;
      COMMENT ON COLUMN callback.app_id IS NULL;
      DROP INDEX callback_im_due_idx, callback_due_idx;
      CREATE INDEX callback_due_idx ON callback (due_at);
      ALTER TABLE callback DROP COLUMN body, ALTER COLUMN items SET NOT NULL, ALTER COLUMN message_id SET NOT NULL;
      DROP TABLE im_outbox, im_conversation;
    `);
  }
}
