import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tags name people of the directory only, so that a fan-out to a tag need not ask for each of them. */
export class TagMembersKnown1790000000009 implements MigrationInterface {
  name = 'TagMembersKnown1790000000009';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      DELETE FROM tag_member t WHERE NOT EXISTS (SELECT FROM recipient r WHERE r.user_id = t.user_id);
      ALTER TABLE tag_member ADD FOREIGN KEY (user_id) REFERENCES recipient ON DELETE CASCADE;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE tag_member DROP CONSTRAINT tag_member_user_id_fkey');
  }
}
