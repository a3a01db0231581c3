import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Device push: signed calls, and the client app behind an id in any case. */
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
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE signed_call; DROP INDEX client_app_any_case_idx');
  }
}
