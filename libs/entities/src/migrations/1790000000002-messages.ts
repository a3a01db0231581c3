import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Messages and their deliveries. Partitioned by RANGE on the time-ordered message id; partitions are made by
 * `PartitionsRepository`, never here. No foreign keys to them: retention drops whole partitions.
 */
export class Messages1790000000002 implements MigrationInterface {
  name = 'Messages1790000000002';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE message (
        id uuid NOT NULL,
        client_app_id text COLLATE "C" NOT NULL,
        door text NOT NULL,
        kind text NOT NULL,
        priority smallint NOT NULL,
        content jsonb,
        template_version_id bigint,
        params jsonb,
        audience jsonb NOT NULL,
        plan jsonb NOT NULL,
        status_callback text,
        client_ref text,
        reply boolean NOT NULL DEFAULT false,
        accepted_at timestamptz NOT NULL,
        send_at timestamptz,
        expires_at timestamptz,
        PRIMARY KEY (id)
      ) PARTITION BY RANGE (id);
      CREATE INDEX message_app_idx ON message (client_app_id, id DESC);

      CREATE TABLE message_state (
        message_id uuid NOT NULL,
        status text NOT NULL,
        next_ordinal integer NOT NULL DEFAULT 0,
        chains integer NOT NULL DEFAULT 0,
        expected integer,
        ended integer NOT NULL DEFAULT 0,
        sent integer NOT NULL DEFAULT 0,
        unknown integer NOT NULL DEFAULT 0,
        failed integer NOT NULL DEFAULT 0,
        expired integer NOT NULL DEFAULT 0,
        delivered integer NOT NULL DEFAULT 0,
        read integer NOT NULL DEFAULT 0,
        cancelled integer NOT NULL DEFAULT 0,
        suppressed integer NOT NULL DEFAULT 0,
        skipped integer NOT NULL DEFAULT 0,
        unattributed_reads integer NOT NULL DEFAULT 0,
        cursor text COLLATE "C",
        cancel_requested_at timestamptz,
        dispatched_at timestamptz,
        completed_at timestamptz,
        PRIMARY KEY (message_id)
      ) PARTITION BY RANGE (message_id);
      COMMENT ON COLUMN message_state.chains IS 'independent lines of deliveries made so far: each ends once, whatever its fallbacks';
      COMMENT ON COLUMN message_state.expected IS 'chains that must end before the message is completed; null until the fan-out has ended';
      COMMENT ON COLUMN message_state.cursor IS 'last user id of the fan-out; null before the first chunk';

      CREATE TABLE delivery (
        message_id uuid NOT NULL,
        seq integer NOT NULL,
        status smallint NOT NULL,
        attempts smallint NOT NULL DEFAULT 0,
        is_open boolean NOT NULL,
        channel text NOT NULL,
        recipient text COLLATE "C" NOT NULL,
        address text NOT NULL,
        ref uuid NOT NULL,
        name text,
        params jsonb,
        provider text,
        error_code text,
        error_text text,
        sent_at timestamptz,
        delivered_at timestamptz,
        read_at timestamptz,
        settled_at timestamptz,
        PRIMARY KEY (message_id, seq)
      ) PARTITION BY RANGE (message_id);
      COMMENT ON COLUMN delivery.seq IS 'ordinal * 16 + step: place in the audience, place in the plan';
      COMMENT ON COLUMN delivery.status IS 'code of libs/contracts delivery-status; its tens are the rank, which never falls';
      COMMENT ON COLUMN delivery.is_open IS 'this row keeps its chain open: still tried, or proof awaited';
      COMMENT ON COLUMN delivery.recipient IS 'user id; empty for people outside the directory';
      COMMENT ON COLUMN delivery.ref IS 'random part of the per-delivery reference';
      CREATE INDEX delivery_recipient_idx ON delivery (recipient, message_id DESC);
      CREATE INDEX delivery_unread_idx ON delivery (recipient) WHERE channel = 'portal' AND status = 40;

      CREATE TABLE delivery_attempt (
        message_id uuid NOT NULL,
        seq integer NOT NULL,
        attempt smallint NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz NOT NULL,
        provider text NOT NULL,
        account text NOT NULL,
        outcome text NOT NULL,
        code text,
        words text,
        is_possible_duplicate boolean NOT NULL DEFAULT false,
        PRIMARY KEY (message_id, seq, attempt)
      ) PARTITION BY RANGE (message_id);

      CREATE TABLE idempotency_key (
        app_id text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        body_hash bytea NOT NULL,
        message_id uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (app_id, key)
      );
      CREATE INDEX idempotency_key_created_idx ON idempotency_key (created_at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE idempotency_key, delivery_attempt, delivery, message_state, message');
  }
}
