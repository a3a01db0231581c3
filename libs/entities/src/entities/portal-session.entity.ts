import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody signed in to the portal; only the hash of the cookie is stored. */
@Entity('portal_session')
export class PortalSessionEntity {
  @PrimaryColumn({ type: 'bytea', name: 'token_hash' })
  tokenHash!: Buffer;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
