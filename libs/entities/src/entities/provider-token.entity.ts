import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Tokens of accounts at their vendors. */
@Entity('provider_token')
export class ProviderTokenEntity {
  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ type: 'bytea', nullable: true })
  token!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'fetched_at', nullable: true })
  fetchedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'forced_at', nullable: true })
  forcedAt!: Date | null;

  @Column({ type: 'jsonb', nullable: true })
  refused!: Record<string, unknown> | null;

  @Column({ type: 'timestamptz', name: 'refused_until', nullable: true })
  refusedUntil!: Date | null;
}
