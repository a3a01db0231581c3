import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A to-do that is opened again keeps an equal one from being sent, as it did before it was closed. */
export class ReopenedTodos1790000000018 implements MigrationInterface {
  name = 'ReopenedTodos1790000000018';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE message ADD COLUMN todo_digest bytea;
      COMMENT ON COLUMN message.todo_digest IS 'what open_todo had of it, kept by its first closing; null: none was closed, or it may be sent any number of times';
      COMMENT ON TABLE open_todo IS 'To-dos that may not be sent to the same person twice while they are open; removed on closing, back when opened again';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      COMMENT ON TABLE open_todo IS 'To-dos that may not be sent to the same person twice while they are open; removed on closing';
      ALTER TABLE message DROP COLUMN todo_digest;
    `);
  }
}
