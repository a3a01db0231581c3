import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Callbacks are claimed in shares: app by app, the oldest of each. */
export class CallbackShares1790000000021 implements MigrationInterface {
  name = 'CallbackShares1790000000021';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP INDEX callback_im_due_idx, callback_due_idx;
      CREATE INDEX callback_due_idx ON callback (app_id, due_at);
      COMMENT ON INDEX callback_due_idx IS 'the apps that wait are found one by one in it, however many callbacks one of them has';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP INDEX callback_due_idx;
      CREATE INDEX callback_due_idx ON callback (due_at) WHERE app_id <> '';
      CREATE INDEX callback_im_due_idx ON callback (due_at) WHERE app_id = '';
      COMMENT ON INDEX callback_im_due_idx IS 'apart: however many wait for a webhook that hangs, client apps do not wait behind them';
    `);
  }
}
