import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What real channels need: tokens, health, pacing, budgets, what providers say later, WeChat public accounts. */
export class Channels1790000000004 implements MigrationInterface {
  name = 'Channels1790000000004';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE provider_token (
        key text COLLATE "C" PRIMARY KEY,
        token bytea,
        expires_at timestamptz,
        fetched_at timestamptz,
        forced_at timestamptz,
        refused jsonb,
        refused_until timestamptz
      );
      COMMENT ON TABLE provider_token IS 'One row an owner of a token at a vendor; its row lock decides who fetches';
      COMMENT ON COLUMN provider_token.token IS 'AES-256-GCM under MASTER_KEY, AAD provider_token:<key>';
      COMMENT ON COLUMN provider_token.forced_at IS 'when it was last fetched because the vendor refused the one before';
      COMMENT ON COLUMN provider_token.refused IS 'outcome of the last refused fetch, answered until refused_until without asking again';

      CREATE TABLE account_health (
        account text COLLATE "C" PRIMARY KEY,
        state text NOT NULL DEFAULT 'closed' CHECK (state IN ('closed', 'open', 'half_open', 'stopped')),
        until timestamptz,
        opened smallint NOT NULL DEFAULT 0,
        code text,
        words text,
        parked_until timestamptz,
        parked_reason text,
        changed_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON COLUMN account_health.account IS '<channel>:<account id>';
      COMMENT ON COLUMN account_health.state IS 'circuit breaker; stopped: wrongly set up, until an administrator changes it';
      COMMENT ON COLUMN account_health.until IS 'open: no probe before; half_open: the probe is given up after';
      COMMENT ON COLUMN account_health.opened IS 'times it opened in a row, for the length of the next pause';
      COMMENT ON COLUMN account_health.parked_until IS 'out of quota until then';

      ALTER TABLE provider_account
        ADD COLUMN quota_per_hour integer,
        ADD COLUMN quota_per_day integer,
        ADD COLUMN receipt_within_s integer;
      COMMENT ON COLUMN provider_account.receipt_within_s IS 'without a receipt after so many seconds the next account tries; null: never';

      CREATE UNLOGGED TABLE recipient_window (
        account text COLLATE "C" NOT NULL,
        address text COLLATE "C" NOT NULL,
        window_s integer NOT NULL,
        window_start timestamptz NOT NULL,
        counts integer[] NOT NULL,
        granted integer NOT NULL,
        PRIMARY KEY (account, address, window_s)
      );
      COMMENT ON COLUMN recipient_window.window_start IS 'when the newest counter began';
      COMMENT ON COLUMN recipient_window.counts IS 'messages by sixths of the window, the newest of seven first';
      COMMENT ON COLUMN recipient_window.granted IS 'how many of those last asked for';
      CREATE INDEX recipient_window_start_idx ON recipient_window (window_start);

      CREATE TABLE alarm (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        subject text NOT NULL,
        detail text NOT NULL,
        data jsonb NOT NULL DEFAULT '{}',
        count integer NOT NULL DEFAULT 1,
        raised_at timestamptz NOT NULL DEFAULT now(),
        last_at timestamptz NOT NULL DEFAULT now(),
        cleared_at timestamptz,
        due_at timestamptz DEFAULT now(),
        attempts smallint NOT NULL DEFAULT 0
      );
      COMMENT ON COLUMN alarm.due_at IS 'when to call the alarm webhook next; null: it was told, or there is nobody to tell';
      CREATE UNIQUE INDEX alarm_open_idx ON alarm (kind, subject) WHERE cleared_at IS NULL;
      CREATE INDEX alarm_due_idx ON alarm (due_at) WHERE due_at IS NOT NULL;

      CREATE TABLE status_query (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        channel text NOT NULL,
        account text COLLATE "C" NOT NULL,
        ref text COLLATE "C" NOT NULL,
        message_id uuid NOT NULL,
        seqs integer[] NOT NULL,
        kind text NOT NULL CHECK (kind IN ('result', 'unknown')),
        tries smallint NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        work jsonb
      );
      COMMENT ON TABLE status_query IS 'References that a provider must be asked about: results that come later, and sends of which nobody knows the end';
      COMMENT ON COLUMN status_query.work IS 'unknown: what the next try is made of where the provider never took it';
      CREATE INDEX status_query_due_idx ON status_query (channel, due_at);
      CREATE INDEX status_query_message_idx ON status_query (message_id);
      CREATE INDEX status_query_expires_idx ON status_query (expires_at);

      ALTER TABLE receipt ADD COLUMN is_address_dead boolean NOT NULL DEFAULT false;
      COMMENT ON COLUMN receipt.is_address_dead IS 'failed because the address will never work again: it is suspended with the match';
      CREATE INDEX recipient_address_address_idx ON recipient_address (channel, address);

      CREATE TABLE uplink (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        channel text NOT NULL,
        account text COLLATE "C" NOT NULL,
        provider_id text COLLATE "C",
        address text COLLATE "C" NOT NULL,
        text text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        received_at timestamptz NOT NULL DEFAULT now(),
        app_id text COLLATE "C",
        message_id uuid,
        seq integer
      );
      COMMENT ON TABLE uplink IS 'What people sent back, attached to the newest message sent to their number within 72 hours';
      CREATE UNIQUE INDEX uplink_once_idx ON uplink (account, provider_id) WHERE provider_id IS NOT NULL;
      CREATE INDEX uplink_app_idx ON uplink (app_id, id DESC);
      CREATE INDEX uplink_message_idx ON uplink (message_id) WHERE message_id IS NOT NULL;
      CREATE INDEX uplink_received_idx ON uplink (received_at);
      CREATE INDEX uplink_address_idx ON uplink (address, id DESC);
      CREATE INDEX uplink_unattached_idx ON uplink (received_at) WHERE message_id IS NULL;

      CREATE TABLE sent_number (
        address text COLLATE "C" PRIMARY KEY,
        message_id uuid NOT NULL,
        seq integer NOT NULL,
        sent_at timestamptz NOT NULL DEFAULT now()
      ) WITH (fillfactor = 70);
      COMMENT ON TABLE sent_number IS 'Newest SMS sent to a number, where an answer to it may come; kept 72 hours';
      COMMENT ON COLUMN sent_number.sent_at IS 'when the provider was called';
      CREATE INDEX sent_number_at_idx ON sent_number (sent_at);

      CREATE TABLE sms_budget (
        app_id text COLLATE "C" NOT NULL,
        period date NOT NULL,
        used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
        PRIMARY KEY (app_id, period)
      ) WITH (fillfactor = 50);
      COMMENT ON COLUMN sms_budget.period IS 'the day, in China; 1970-01-01: the total of all time';

      ALTER TABLE client_app ADD COLUMN weight smallint NOT NULL DEFAULT 1;
      COMMENT ON COLUMN client_app.weight IS 'share of a channel while several apps have work waiting';

      ALTER TABLE delivery ADD COLUMN account text, ADD COLUMN segments smallint, ADD COLUMN segments_day date;
      COMMENT ON COLUMN delivery.account IS 'account the address belongs to (a WeChat public account); null: any of the channel';
      COMMENT ON COLUMN delivery.segments IS 'SMS segments taken from the app''s budget; null: none are';
      COMMENT ON COLUMN delivery.segments_day IS 'the day in China on which they count';

      ALTER TABLE work SET (fillfactor = 60);
      ALTER TABLE work ADD COLUMN avoid text[];
      COMMENT ON COLUMN work.avoid IS 'accounts that had their turn without a receipt; the deliveries are sent again through another';

      ALTER TABLE settlement ALTER COLUMN message_id DROP NOT NULL;
      COMMENT ON COLUMN settlement.message_id IS 'null: counted on its message already, only the report is still to hear of it';

      DROP INDEX delivery_unread_idx;
      CREATE INDEX delivery_unread_idx ON delivery (recipient) WHERE channel = 'portal' AND read_at IS NULL;
      COMMENT ON INDEX delivery_unread_idx IS 'without status, so that a settled delivery needs no new index entries';

      CREATE TABLE public_account (
        public_id text COLLATE "C" PRIMARY KEY,
        name text NOT NULL,
        remark text NOT NULL DEFAULT '',
        client_apps text[] NOT NULL DEFAULT '{}',
        default_template jsonb,
        templates_synced_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON TABLE public_account IS 'WeChat public accounts; their credentials are the provider account wechat:<public_id>';
      CREATE TABLE public_account_template (
        public_id text COLLATE "C" NOT NULL REFERENCES public_account ON DELETE CASCADE,
        template_id text COLLATE "C" NOT NULL,
        title text NOT NULL DEFAULT '',
        primary_industry text NOT NULL DEFAULT '',
        deputy_industry text NOT NULL DEFAULT '',
        content text NOT NULL DEFAULT '',
        example text NOT NULL DEFAULT '',
        PRIMARY KEY (public_id, template_id)
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP TABLE public_account_template, public_account, sms_budget, sent_number, uplink, status_query, alarm,
        recipient_window, account_health, provider_token;
      DROP INDEX recipient_address_address_idx;
      ALTER TABLE receipt DROP COLUMN is_address_dead;
      DROP INDEX delivery_unread_idx;
      CREATE INDEX delivery_unread_idx ON delivery (recipient) WHERE channel = 'portal' AND status = 40;
      DELETE FROM settlement WHERE message_id IS NULL;
      ALTER TABLE settlement ALTER COLUMN message_id SET NOT NULL;
      ALTER TABLE work RESET (fillfactor);
      ALTER TABLE work DROP COLUMN avoid;
      ALTER TABLE delivery DROP COLUMN account, DROP COLUMN segments, DROP COLUMN segments_day;
      ALTER TABLE client_app DROP COLUMN weight;
      ALTER TABLE provider_account DROP COLUMN quota_per_hour, DROP COLUMN quota_per_day, DROP COLUMN receipt_within_s;
    `);
  }
}
