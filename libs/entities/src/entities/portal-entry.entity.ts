import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A one-time link that signs somebody in to the portal; only the hash of its code is stored. */
@Entity('portal_entry')
export class PortalEntryEntity {
  @PrimaryColumn({ type: 'bytea', name: 'code_hash' })
  codeHash!: Buffer;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'text', name: 'return_to' })
  returnTo!: string;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
