import type { RelayRole } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody who takes part in the relay; of his token only digests are stored. */
@Entity('relay_identity')
export class RelayIdentityEntity {
  /** Lower-case hex MD5 of the token: public, by the published interface. */
  @PrimaryColumn({ type: 'text', name: 'md5_id' })
  md5Id!: string;

  @Column({ type: 'bytea', name: 'token_hash' })
  tokenHash!: Buffer;

  @Column({ type: 'text' })
  role!: RelayRole;

  @Column({ type: 'text', default: '' })
  name!: string;

  /** Of an admin: the customer-service mailbox he serves. */
  @Column({ type: 'text', name: 'admin_key', nullable: true })
  adminKey!: string | null;

  @Column({ type: 'boolean', name: 'rate_exempt', default: false })
  rateExempt!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
