import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Circuit breaker and quota of a provider account. */
@Entity('account_health')
export class AccountHealthEntity {
  @PrimaryColumn({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  state!: string;

  @Column({ type: 'timestamptz', nullable: true })
  until!: Date | null;

  @Column({ type: 'smallint' })
  opened!: number;

  @Column({ type: 'text', nullable: true })
  code!: string | null;

  @Column({ type: 'text', nullable: true })
  words!: string | null;

  @Column({ type: 'timestamptz', name: 'parked_until', nullable: true })
  parkedUntil!: Date | null;

  @Column({ type: 'text', name: 'parked_reason', nullable: true })
  parkedReason!: string | null;

  @Column({ type: 'timestamptz', name: 'changed_at', default: () => 'now()' })
  changedAt!: Date;
}
