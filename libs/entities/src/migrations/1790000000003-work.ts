import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is still to be done, and what was done and not yet counted. Small, hot tables: vacuumed early. */
export class Work1790000000003 implements MigrationInterface {
  name = 'Work1790000000003';

  async up(db: QueryRunner): Promise<void> {
    const hot =
      'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0';
    await db.query(`
      CREATE TABLE work (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        message_id uuid NOT NULL,
        app_id text COLLATE "C" NOT NULL,
        channel text NOT NULL DEFAULT '',
        priority smallint NOT NULL,
        seqs integer[] NOT NULL DEFAULT '{}',
        due_at timestamptz NOT NULL,
        expires_at timestamptz,
        lease_token uuid,
        claims smallint NOT NULL DEFAULT 0,
        attempts smallint NOT NULL DEFAULT 0,
        started_at timestamptz NOT NULL DEFAULT now()
      ) WITH (${hot});
      COMMENT ON TABLE work IS 'Due batches of something to do: retry timer, lease, outbox, schedule and reconciler in one';
      COMMENT ON COLUMN work.due_at IS 'when to look at the row again: due time, end of a hand-over, or end of a lease';
      COMMENT ON COLUMN work.lease_token IS 'set while a worker holds the row';
      COMMENT ON COLUMN work.claims IS 'workers that held the row; more than one means a possible duplicate';
      COMMENT ON COLUMN work.started_at IS 'when its channel was first tried; carried along retries';
      CREATE INDEX work_due_idx ON work (kind, due_at) WHERE kind <> 'deliver';
      CREATE INDEX work_deliver_idx ON work (channel, app_id, priority, due_at) WHERE kind = 'deliver';
      CREATE INDEX work_expires_idx ON work (expires_at) WHERE kind = 'deliver';
      CREATE INDEX work_message_idx ON work (message_id);

      CREATE TABLE settlement (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        message_id uuid NOT NULL,
        app_id text COLLATE "C" NOT NULL,
        channel text NOT NULL,
        from_status smallint NOT NULL,
        to_status smallint NOT NULL,
        count integer NOT NULL,
        ended integer NOT NULL,
        seqs integer[],
        at timestamptz NOT NULL DEFAULT now()
      ) WITH (${hot});
      COMMENT ON COLUMN settlement.seqs IS 'deliveries to report to the status callback; null where there is none or the step is not reported';

      CREATE TABLE callback (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        webhook_id uuid NOT NULL DEFAULT gen_random_uuid(),
        message_id uuid NOT NULL,
        app_id text COLLATE "C" NOT NULL,
        url text NOT NULL,
        items jsonb NOT NULL,
        attempts smallint NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT now(),
        lease_token uuid,
        last_code text,
        created_at timestamptz NOT NULL DEFAULT now()
      ) WITH (${hot});
      CREATE INDEX callback_due_idx ON callback (due_at);
      CREATE INDEX callback_message_idx ON callback (message_id);

      CREATE TABLE dead_letter (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('delivery', 'callback')),
        app_id text COLLATE "C" NOT NULL,
        channel text NOT NULL DEFAULT '',
        cause text NOT NULL,
        message_id uuid NOT NULL,
        seqs integer[] NOT NULL DEFAULT '{}',
        payload jsonb,
        at timestamptz NOT NULL DEFAULT now(),
        replay_id uuid,
        replayed_at timestamptz
      );
      CREATE INDEX dead_letter_open_idx ON dead_letter (kind, channel, cause, id) WHERE replayed_at IS NULL;
      CREATE INDEX dead_letter_at_idx ON dead_letter (at);
      CREATE INDEX dead_letter_message_idx ON dead_letter (message_id);

      CREATE TABLE provider_ref (
        account text NOT NULL,
        provider_id text COLLATE "C" NOT NULL,
        message_id uuid NOT NULL,
        seq integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (account, provider_id)
      );
      CREATE INDEX provider_ref_created_idx ON provider_ref (created_at);

      CREATE TABLE receipt (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account text NOT NULL,
        provider_id text COLLATE "C" NOT NULL,
        status smallint NOT NULL,
        code text,
        words text,
        at timestamptz NOT NULL DEFAULT now(),
        due_at timestamptz NOT NULL DEFAULT now(),
        received_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON TABLE receipt IS 'Providers'' later words, kept until matched; a receipt may arrive before the send is committed';
      CREATE INDEX receipt_due_idx ON receipt (due_at);
      CREATE INDEX receipt_received_idx ON receipt (received_at);

      CREATE TABLE report_hour (
        hour timestamptz NOT NULL,
        app_id text COLLATE "C" NOT NULL,
        channel text NOT NULL,
        status smallint NOT NULL,
        count bigint NOT NULL,
        PRIMARY KEY (hour, app_id, channel, status)
      ) WITH (fillfactor = 70);

      CREATE TABLE sandbox_message (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        channel text NOT NULL,
        address text NOT NULL,
        ref text NOT NULL,
        content jsonb NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX sandbox_message_address_idx ON sandbox_message (address, id DESC);
      CREATE INDEX sandbox_message_channel_idx ON sandbox_message (channel, id DESC);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'DROP TABLE sandbox_message, report_hour, receipt, provider_ref, dead_letter, callback, settlement, work',
    );
  }
}
