import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What devices say of what they got, and what the embedded MQTT broker keeps for those that are away. */
export class DeviceWords1790000000014 implements MigrationInterface {
  name = 'DeviceWords1790000000014';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE receipt ADD COLUMN message_id uuid, ADD COLUMN seq integer;
      COMMENT ON COLUMN receipt.message_id IS 'of the delivery, where the word names it itself and provider_ref need not be asked';

      CREATE TABLE mqtt_mailbox (
        token text COLLATE "C" NOT NULL,
        ref text COLLATE "C" NOT NULL,
        payload text NOT NULL,
        place bigint GENERATED ALWAYS AS IDENTITY,
        stored_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (token, ref)
      );
      COMMENT ON TABLE mqtt_mailbox IS 'Messages that the embedded MQTT broker took for a device and the device has not taken yet';
      COMMENT ON COLUMN mqtt_mailbox.ref IS 'of the delivery: a message that is published again is kept once';
      CREATE INDEX mqtt_mailbox_stored_idx ON mqtt_mailbox (stored_at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP TABLE mqtt_mailbox;
      ALTER TABLE receipt DROP COLUMN message_id, DROP COLUMN seq;
    `);
  }
}
