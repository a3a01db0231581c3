import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One account at one provider. */
@Entity('provider_account')
export class ProviderAccountEntity {
  @PrimaryColumn({ type: 'text' })
  channel!: string;

  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  provider!: string;

  @Column({ type: 'jsonb' })
  settings!: Record<string, unknown>;

  @Column({ type: 'bytea', nullable: true })
  secrets!: Buffer | null;

  @Column({ type: 'integer' })
  weight!: number;

  @Column({ type: 'boolean' })
  enabled!: boolean;

  @Column({ type: 'integer', name: 'rate_per_second', nullable: true })
  ratePerSecond!: number | null;

  @Column({ type: 'integer' })
  position!: number;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Column({ type: 'integer', name: 'quota_per_hour', nullable: true })
  quotaPerHour!: number | null;

  @Column({ type: 'integer', name: 'quota_per_day', nullable: true })
  quotaPerDay!: number | null;

  @Column({ type: 'integer', name: 'receipt_within_s', nullable: true })
  receiptWithinS!: number | null;
}
