import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Devices of channel `push`. */
export class Devices1790000000011 implements MigrationInterface {
  name = 'Devices1790000000011';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE device (
        token text COLLATE "C" PRIMARY KEY,
        user_id text COLLATE "C" NOT NULL,
        app_id text COLLATE "C" NOT NULL DEFAULT '',
        platform text NOT NULL,
        provider text,
        is_test boolean NOT NULL DEFAULT false,
        subscription jsonb,
        mqtt_password_hash bytea,
        registered_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz,
        deactivated_at timestamptz,
        deactivated_reason text,
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON COLUMN device.user_id IS 'its owner; a device may be registered before the directory knows him';
      COMMENT ON COLUMN device.app_id IS 'empty: serves every client app; else the one that registered it and that alone reaches it';
      COMMENT ON COLUMN device.provider IS 'null: any that serves its platform';
      COMMENT ON COLUMN device.mqtt_password_hash IS 'SHA-256 of a random password, which is shown once';
      COMMENT ON COLUMN device.registered_at IS 'the last time: what a provider knew before says nothing against it';
      COMMENT ON COLUMN device.deactivated_at IS 'a provider called the token dead; registering it again revives it';
      CREATE INDEX device_user_idx ON device (user_id, token);
      CREATE INDEX device_app_idx ON device (app_id, token) WHERE app_id <> '';
      CREATE INDEX device_deactivated_idx ON device (deactivated_at) WHERE deactivated_at IS NOT NULL;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE device');
  }
}
