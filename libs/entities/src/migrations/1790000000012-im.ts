import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Enough that no partition's index outgrows memory at hundreds of millions of rows; every read names its partition's key. */
const PARTITIONS = 16;
/** As many as the ten bits of a message id can name. */
const NODES = 1024;

const hashPartitions = (table: string): string =>
  Array.from(
    { length: PARTITIONS },
    (_, i) =>
      `CREATE TABLE ${table}_h${i} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${i});`,
  ).join('\n');

/** Instant messages: channels and their log, command queues, streams, tokens of devices. */
export class Im1790000000012 implements MigrationInterface {
  name = 'Im1790000000012';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE im_channel (
        channel_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        channel_id text COLLATE "C" NOT NULL,
        channel_type smallint NOT NULL,
        is_large boolean NOT NULL DEFAULT false,
        is_banned boolean NOT NULL DEFAULT false,
        is_disbanded boolean NOT NULL DEFAULT false,
        last_seq bigint NOT NULL DEFAULT 0,
        red_total bigint NOT NULL DEFAULT 0,
        red_left bigint NOT NULL DEFAULT 0,
        conv_seq bigint NOT NULL DEFAULT 0,
        conv_at bigint NOT NULL DEFAULT 0,
        conv_version bigint NOT NULL DEFAULT 0,
        CONSTRAINT im_channel_id_key UNIQUE (channel_id, channel_type)
      ) WITH (fillfactor = 50);
      COMMENT ON COLUMN im_channel.channel_id IS 'of a person channel: the id made of both uids';
      COMMENT ON COLUMN im_channel.last_seq IS 'seq of the last message of the log; changed once a channel and batch';
      COMMENT ON COLUMN im_channel.red_total IS 'messages with a red dot that count in conversations';
      COMMENT ON COLUMN im_channel.red_left IS 'those of them that the left uid of a person channel sent himself';
      COMMENT ON COLUMN im_channel.conv_seq IS 'last message that counts in conversations';
      COMMENT ON COLUMN im_channel.conv_at IS 'its time, epoch seconds';
      COMMENT ON COLUMN im_channel.conv_version IS 'grows with every such message; epoch ms, or one more than before';

      CREATE TABLE im_subscriber (
        channel_key bigint NOT NULL,
        uid text COLLATE "C" NOT NULL,
        is_temporary boolean NOT NULL DEFAULT false,
        PRIMARY KEY (channel_key, uid)
      );
      CREATE INDEX im_subscriber_uid_idx ON im_subscriber (uid, channel_key);

      CREATE TABLE im_listed (
        channel_key bigint NOT NULL,
        list text NOT NULL CHECK (list IN ('black', 'white')),
        uid text COLLATE "C" NOT NULL,
        PRIMARY KEY (channel_key, list, uid)
      );
      COMMENT ON TABLE im_listed IS 'Black and white lists of channels';

      CREATE TABLE im_message (
        channel_key bigint NOT NULL,
        seq bigint NOT NULL,
        message_id bigint NOT NULL,
        client_msg_no text NOT NULL,
        has_red_dot boolean NOT NULL,
        setting smallint NOT NULL,
        from_uid text COLLATE "C" NOT NULL,
        channel_id text NOT NULL,
        channel_type smallint NOT NULL,
        topic text,
        stream_no text,
        expire bigint NOT NULL,
        expires_at timestamptz,
        sent_at timestamptz NOT NULL,
        red_total bigint NOT NULL,
        payload bytea NOT NULL,
        PRIMARY KEY (channel_key, seq)
      ) PARTITION BY HASH (channel_key);
      COMMENT ON COLUMN im_message.channel_id IS 'as the sender addressed it: of a person channel the receiver';
      COMMENT ON COLUMN im_message.expire IS 'seconds, as given; 0: never';
      COMMENT ON COLUMN im_message.red_total IS 'im_channel.red_total right after this message';
      ${hashPartitions('im_message')}
      CREATE INDEX im_message_expires_idx ON im_message (expires_at) WHERE expires_at IS NOT NULL;

      CREATE TABLE im_user (
        uid text COLLATE "C" PRIMARY KEY,
        queue_last_seq bigint NOT NULL DEFAULT 0,
        queue_cursor bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 70);
      COMMENT ON COLUMN im_user.queue_last_seq IS 'last command in the queue of this uid';
      COMMENT ON COLUMN im_user.queue_cursor IS 'last command that was acknowledged; never falls';

      CREATE TABLE im_user_queue (
        uid text COLLATE "C" NOT NULL,
        seq bigint NOT NULL,
        message_id bigint NOT NULL,
        PRIMARY KEY (uid, seq)
      ) PARTITION BY HASH (uid);
      ${hashPartitions('im_user_queue')}

      CREATE TABLE im_command (
        message_id bigint PRIMARY KEY,
        client_msg_no text NOT NULL,
        has_red_dot boolean NOT NULL,
        setting smallint NOT NULL,
        from_uid text COLLATE "C" NOT NULL,
        channel_id text NOT NULL,
        channel_type smallint NOT NULL,
        topic text,
        expire bigint NOT NULL,
        expires_at timestamptz,
        sent_at timestamptz NOT NULL,
        payload bytea NOT NULL
      ) PARTITION BY HASH (message_id);
      COMMENT ON TABLE im_command IS 'Messages with sync_once, once each; im_user_queue says in whose queues they stand';
      ${hashPartitions('im_command')}
      CREATE INDEX im_command_expires_idx ON im_command (expires_at) WHERE expires_at IS NOT NULL;

      CREATE TABLE im_stream (
        stream_no text COLLATE "C" PRIMARY KEY,
        channel_id text COLLATE "C" NOT NULL,
        channel_type smallint NOT NULL,
        last_seq bigint NOT NULL DEFAULT 0,
        ended_at timestamptz,
        started_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON COLUMN im_stream.channel_id IS 'as im_channel has it';

      CREATE TABLE im_stream_chunk (
        stream_no text COLLATE "C" NOT NULL,
        seq bigint NOT NULL,
        client_msg_no text NOT NULL,
        payload bytea NOT NULL,
        PRIMARY KEY (stream_no, seq)
      );

      CREATE TABLE im_user_token (
        uid text COLLATE "C" NOT NULL,
        device_flag smallint NOT NULL,
        token_hash bytea NOT NULL,
        device_level smallint NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (uid, device_flag)
      );
      COMMENT ON COLUMN im_user_token.device_flag IS '0 app, 1 web, 2 pc';
      COMMENT ON COLUMN im_user_token.token_hash IS 'SHA-256 of the token';
      COMMENT ON COLUMN im_user_token.device_level IS '0 slave, 1 master';

      CREATE TABLE im_system_uid (uid text COLLATE "C" PRIMARY KEY);

      CREATE TABLE im_node (
        node_id smallint PRIMARY KEY,
        holder uuid,
        lease_until timestamptz NOT NULL DEFAULT '-infinity'
      );
      COMMENT ON TABLE im_node IS 'The node bits of message ids, leased to processes: two that hold the same would make the same ids';
      INSERT INTO im_node (node_id) SELECT generate_series(0, ${NODES - 1});

      CREATE TABLE im_handover (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        request text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON TABLE im_handover IS 'Requests between processes that are too large for the broker; taken out by whoever carries them out';
      CREATE INDEX im_handover_created_idx ON im_handover (created_at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE im_handover, im_node, im_system_uid, im_user_token, im_stream_chunk, im_stream, im_command,
      im_user_queue, im_user, im_message, im_listed, im_subscriber, im_channel`);
  }
}
