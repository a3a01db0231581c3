import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Append-only deltas that counters and callbacks are made of. */
@Entity('settlement')
export class SettlementEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'uuid', name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column({ type: 'text', name: 'app_id' })
  appId!: string;

  @Column({ type: 'text' })
  channel!: string;

  @Column({ type: 'smallint', name: 'from_status' })
  fromStatus!: number;

  @Column({ type: 'smallint', name: 'to_status' })
  toStatus!: number;

  @Column({ type: 'integer' })
  count!: number;

  @Column({ type: 'integer' })
  ended!: number;

  @Column({ type: 'integer', array: true, nullable: true })
  seqs!: number[] | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date;
}
