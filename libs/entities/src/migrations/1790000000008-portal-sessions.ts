import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is signed in to the portal, and the one-time links that sign somebody in. */
export class PortalSessions1790000000008 implements MigrationInterface {
  name = 'PortalSessions1790000000008';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE portal_session (
        token_hash bytea PRIMARY KEY,
        user_id text COLLATE "C" NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
      );
      COMMENT ON TABLE portal_session IS 'Sign-ins of people; user_id may be one that the directory does not know';
      CREATE INDEX portal_session_expires_idx ON portal_session (expires_at);
      CREATE INDEX portal_session_user_idx ON portal_session (user_id);

      CREATE TABLE portal_entry (
        code_hash bytea PRIMARY KEY,
        user_id text COLLATE "C" NOT NULL REFERENCES recipient ON DELETE CASCADE,
        return_to text NOT NULL,
        expires_at timestamptz NOT NULL
      );
      COMMENT ON TABLE portal_entry IS 'One-time links that client apps made for people they signed in themselves; removed on use';
      CREATE INDEX portal_entry_expires_idx ON portal_entry (expires_at);
      CREATE INDEX portal_entry_user_idx ON portal_entry (user_id);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE portal_entry; DROP TABLE portal_session;');
  }
}
