import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Hashes of the tokens of the one token store. */
@Entity('access_token')
export class AccessTokenEntity {
  @PrimaryColumn({ type: 'bytea', name: 'token_hash' })
  tokenHash!: Buffer;

  @Column({ type: 'text', name: 'app_id' })
  appId!: string;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
