import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a device has its owner: what was meant for the one before him is not his. */
export class DeviceOwners1790000000017 implements MigrationInterface {
  name = 'DeviceOwners1790000000017';

  async up(db: QueryRunner): Promise<void> {
    // Nobody wrote down since when the owners of today have their devices: for ever, so that what waits for them stays theirs.
    await db.query(`
      ALTER TABLE device ADD COLUMN owned_since timestamptz NOT NULL DEFAULT 'epoch';
      ALTER TABLE device ALTER COLUMN owned_since SET DEFAULT clock_timestamp();
      COMMENT ON COLUMN device.owned_since IS 'when it was registered first, or for another owner: registering it again for the same one leaves it';

      ALTER TABLE mqtt_mailbox ADD COLUMN owned_since timestamptz NOT NULL DEFAULT 'epoch';
      ALTER TABLE mqtt_mailbox ALTER COLUMN owned_since DROP DEFAULT;
      COMMENT ON COLUMN mqtt_mailbox.owned_since IS 'of the device as the message was taken: it is for that owner and for no later one';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE mqtt_mailbox DROP COLUMN owned_since;
      ALTER TABLE device DROP COLUMN owned_since;
    `);
  }
}
