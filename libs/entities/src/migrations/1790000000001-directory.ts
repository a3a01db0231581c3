import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who calls us and who can be reached: client apps, recipients, addresses, org units, tags, templates, channels. */
export class Directory1790000000001 implements MigrationInterface {
  name = 'Directory1790000000001';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE client_app (
        app_id text COLLATE "C" PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        enabled boolean NOT NULL DEFAULT true,
        channels text[] NOT NULL DEFAULT '{}',
        features text[] NOT NULL DEFAULT '{}',
        ip_allowlist text[] NOT NULL DEFAULT '{}',
        secret bytea NOT NULL,
        previous_secret bytea,
        previous_secret_until timestamptz,
        webhook_secret bytea NOT NULL,
        previous_webhook_secret bytea,
        previous_webhook_secret_until timestamptz,
        sms_quota_total integer,
        sms_quota_per_day integer,
        rate_per_second integer,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON COLUMN client_app.secret IS 'AES-256-GCM under MASTER_KEY, AAD client_app.secret:<app_id>; one door needs it raw';

      CREATE TABLE access_token (
        token_hash bytea PRIMARY KEY,
        app_id text COLLATE "C" NOT NULL REFERENCES client_app ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX access_token_app_idx ON access_token (app_id);
      CREATE INDEX access_token_expires_idx ON access_token (expires_at);

      CREATE UNLOGGED TABLE rate_window (
        subject text COLLATE "C" PRIMARY KEY,
        window_start timestamptz NOT NULL,
        used integer NOT NULL
      );

      CREATE TABLE recipient (
        user_id text COLLATE "C" PRIMARY KEY,
        name text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE recipient_address (
        user_id text COLLATE "C" NOT NULL REFERENCES recipient ON DELETE CASCADE,
        channel text NOT NULL,
        app_id text COLLATE "C" NOT NULL DEFAULT '',
        account text NOT NULL DEFAULT '',
        address text NOT NULL,
        suspended_at timestamptz,
        suspended_reason text,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, channel, app_id, account)
      );
      COMMENT ON COLUMN recipient_address.app_id IS 'empty: the shared directory; else serves this client app only';
      COMMENT ON COLUMN recipient_address.account IS 'wechat: the public account the openid belongs to; empty elsewhere';
      CREATE INDEX recipient_address_app_idx ON recipient_address (app_id) WHERE app_id <> '';

      CREATE TABLE org_unit (
        code text COLLATE "C" PRIMARY KEY,
        name text NOT NULL,
        parent text COLLATE "C" REFERENCES org_unit,
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX org_unit_parent_idx ON org_unit (parent);
      CREATE TABLE recipient_org_unit (
        org_unit text COLLATE "C" NOT NULL REFERENCES org_unit ON DELETE CASCADE,
        user_id text COLLATE "C" NOT NULL REFERENCES recipient ON DELETE CASCADE,
        PRIMARY KEY (org_unit, user_id)
      );
      CREATE INDEX recipient_org_unit_user_idx ON recipient_org_unit (user_id);

      CREATE TABLE tag (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        app_id text COLLATE "C" NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        removed_at timestamptz
      );
      CREATE UNIQUE INDEX tag_name_idx ON tag (app_id, name) WHERE removed_at IS NULL;
      CREATE TABLE tag_member (
        tag_id bigint NOT NULL,
        user_id text COLLATE "C" NOT NULL,
        added_at timestamptz NOT NULL DEFAULT now(),
        removed_at timestamptz,
        PRIMARY KEY (tag_id, user_id, added_at)
      );
      COMMENT ON TABLE tag_member IS 'Left members stay until no accepted message can still mean them: a message goes to the members at its acceptance';
      CREATE UNIQUE INDEX tag_member_current_idx ON tag_member (tag_id, user_id) WHERE removed_at IS NULL;
      CREATE INDEX tag_member_removed_idx ON tag_member (removed_at) WHERE removed_at IS NOT NULL;
      CREATE INDEX tag_member_user_idx ON tag_member (user_id);

      CREATE TABLE opt_out (
        user_id text COLLATE "C" NOT NULL REFERENCES recipient ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('app', 'channel')),
        value text NOT NULL,
        PRIMARY KEY (user_id, kind, value)
      );

      CREATE TABLE template (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        app_id text COLLATE "C" NOT NULL DEFAULT '',
        code text NOT NULL,
        current_version_id bigint,
        deleted_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON COLUMN template.app_id IS 'empty: made by an administrator, for every client app; an app''s own template of the same code wins';
      CREATE UNIQUE INDEX template_code_idx ON template (app_id, code) WHERE deleted_at IS NULL;
      CREATE TABLE template_version (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        template_id bigint NOT NULL REFERENCES template,
        version integer NOT NULL,
        name text NOT NULL,
        params text[] NOT NULL DEFAULT '{}',
        content jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (template_id, version)
      );

      CREATE TABLE channel_config (
        channel text PRIMARY KEY,
        enabled boolean NOT NULL DEFAULT true,
        priority integer,
        smart_success_when text,
        smart_within_s integer,
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE provider_account (
        channel text NOT NULL,
        id text NOT NULL,
        provider text NOT NULL,
        settings jsonb NOT NULL DEFAULT '{}',
        secrets bytea,
        weight integer NOT NULL DEFAULT 1,
        enabled boolean NOT NULL DEFAULT true,
        rate_per_second integer,
        position integer NOT NULL DEFAULT 0,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (channel, id)
      );
      CREATE TABLE setting (
        name text PRIMARY KEY,
        value jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE sensitive_word (
        word text PRIMARY KEY,
        is_allowed boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON COLUMN sensitive_word.is_allowed IS 'true: an entry of the allow-list';

      CREATE TABLE catalog_revision (
        topic text PRIMARY KEY,
        revision bigint NOT NULL DEFAULT 0
      );
      COMMENT ON TABLE catalog_revision IS 'Raised by every write to a cached table; replicas look once a second and drop what changed';
      INSERT INTO catalog_revision (topic) VALUES ('client_app'), ('template'), ('channel'), ('sensitive_word');

      CREATE TABLE audit_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        action text NOT NULL,
        target text NOT NULL DEFAULT '',
        ip text,
        details jsonb NOT NULL DEFAULT '{}'
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP TABLE audit_log, catalog_revision, sensitive_word, setting, provider_account, channel_config, template_version,
        template, opt_out, tag_member, tag, recipient_org_unit, org_unit, recipient_address, recipient, rate_window,
        access_token, client_app
    `);
  }
}
