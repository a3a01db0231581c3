import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who follows a public account, and by which unionid he goes: people who are registered by it are found without asking WeChat again. */
export class PublicAccountFollowers1790000000024 implements MigrationInterface {
  name = 'PublicAccountFollowers1790000000024';

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE public_account
        ADD COLUMN followers_listed_at timestamptz,
        ADD COLUMN followers_due_at timestamptz NOT NULL DEFAULT now();
      COMMENT ON COLUMN public_account.followers_listed_at IS 'when the newest whole list of its followers was begun; null: there is none';
      COMMENT ON COLUMN public_account.followers_due_at IS 'not asked for its followers by itself before; whoever asks moves it, so that one replica does';

      CREATE TABLE public_account_follower (
        public_id text COLLATE "C" NOT NULL REFERENCES public_account ON DELETE CASCADE,
        openid text NOT NULL,
        unionid text,
        seen_at timestamptz NOT NULL,
        PRIMARY KEY (public_id, openid)
      ) WITH (fillfactor = 80);
      COMMENT ON COLUMN public_account_follower.seen_at IS 'when the newest list with him was begun; in no index, so that a list writes no index entries';
      CREATE INDEX public_account_follower_unionid_idx ON public_account_follower (unionid) WHERE unionid IS NOT NULL;

      ALTER TABLE recipient_address ADD COLUMN unionid text;
      COMMENT ON COLUMN recipient_address.unionid IS 'wechat: what is known to be the unionid he was registered by; address is his openid or, suspended, the same';
      CREATE INDEX recipient_address_account_idx ON recipient_address (account COLLATE "C") WHERE channel = 'wechat';
      CREATE INDEX recipient_address_unionid_idx ON recipient_address (account COLLATE "C", address)
        WHERE channel = 'wechat' AND (unionid IS NOT NULL OR suspended_reason IN ('40003', 'not_following'));
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP INDEX recipient_address_unionid_idx, recipient_address_account_idx;
      ALTER TABLE recipient_address DROP COLUMN unionid;
      DROP TABLE public_account_follower;
      ALTER TABLE public_account DROP COLUMN followers_listed_at, DROP COLUMN followers_due_at;
    `);
  }
}
