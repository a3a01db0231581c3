import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The device-push door: signed calls, the client app behind an id in any case, the newest configs, pushes of a tag. */
export class Psp1790000000013 implements MigrationInterface {
  name = 'Psp1790000000013';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE UNIQUE INDEX client_app_any_case_idx ON client_app (lower(app_id));

      CREATE TABLE signed_call (
        app_id text COLLATE "C" NOT NULL,
        signed_ms bigint NOT NULL,
        token bytea NOT NULL,
        forget_at timestamptz NOT NULL,
        PRIMARY KEY (app_id, signed_ms, token)
      );
      COMMENT ON TABLE signed_call IS 'Header triples that were let in, while they would be let in again (PSP_REPLAY=once)';
      CREATE INDEX signed_call_forget_idx ON signed_call (forget_at);

      CREATE TABLE device_config (
        app_id text COLLATE "C" NOT NULL,
        tag text COLLATE "C" NOT NULL,
        device_token text COLLATE "C" NOT NULL,
        message_id uuid NOT NULL,
        seq integer NOT NULL,
        kept_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (app_id, tag, device_token)
      );
      COMMENT ON TABLE device_config IS 'The newest config push of an app and tag to a device: it replaces those before it, and is sent again to a device that comes back without having acknowledged it';
      CREATE INDEX device_config_device_idx ON device_config (device_token);
      CREATE INDEX device_config_kept_idx ON device_config (kept_at);

      CREATE INDEX message_push_tag_idx ON message (client_app_id, (content->'payload'->>'tag'), id) WHERE door = 'psp';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'DROP INDEX message_push_tag_idx; DROP TABLE device_config, signed_call; DROP INDEX client_app_any_case_idx',
    );
  }
}
