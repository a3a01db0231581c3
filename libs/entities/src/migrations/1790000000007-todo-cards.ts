import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cards of to-dos at the vendor, changed when the to-do is closed. */
export class TodoCards1790000000007 implements MigrationInterface {
  name = 'TodoCards1790000000007';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE todo_card (
        message_id uuid NOT NULL,
        seq integer NOT NULL,
        channel text NOT NULL,
        account text NOT NULL,
        address text NOT NULL,
        code text NOT NULL,
        expires_at timestamptz NOT NULL,
        due_at timestamptz,
        attempts smallint NOT NULL DEFAULT 0,
        PRIMARY KEY (message_id, seq)
      );
      COMMENT ON TABLE todo_card IS 'Cards of to-dos that can still be changed; gone once they show that it is done';
      COMMENT ON COLUMN todo_card.code IS 'what the vendor wants to see when the card is changed; good once';
      COMMENT ON COLUMN todo_card.due_at IS 'null: its to-do is open';
      CREATE INDEX todo_card_due_idx ON todo_card (channel, due_at) WHERE due_at IS NOT NULL;
      CREATE INDEX todo_card_expiry_idx ON todo_card (expires_at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE todo_card');
  }
}
