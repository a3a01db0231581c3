import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Work knows whether it waits for an account; what strangers leave behind is found without reading all of it. */
export class WaitsAndLeftovers1790000000022 implements MigrationInterface {
  name = 'WaitsAndLeftovers1790000000022';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE work ADD COLUMN waits_for_account boolean NOT NULL DEFAULT false;
      COMMENT ON COLUMN work.waits_for_account IS 'due at once when an account of the channel is changed; false once it is handed over';
      CREATE INDEX work_waiting_idx ON work (channel) WHERE waits_for_account;
      CREATE INDEX rate_window_start_idx ON rate_window (window_start);
      CREATE INDEX audit_log_refused_idx ON audit_log (at) WHERE action = 'token.refused';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP INDEX audit_log_refused_idx;
      DROP INDEX rate_window_start_idx;
      ALTER TABLE work DROP COLUMN waits_for_account;
    `);
  }
}
