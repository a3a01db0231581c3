import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Due batches of something to do. */
@Entity('work')
export class WorkEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @Column({ type: 'text', name: 'app_id' })
  appId!: string;

  @Column({ type: 'text' })
  channel!: string;

  @Column({ type: 'smallint' })
  priority!: number;

  @Column({ type: 'integer', array: true })
  seqs!: number[];

  @Column({ type: 'timestamptz', name: 'due_at' })
  dueAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'uuid', name: 'lease_token', nullable: true })
  leaseToken!: string | null;

  @Column({ type: 'smallint' })
  claims!: number;

  @Column({ type: 'smallint' })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'started_at', default: () => 'now()' })
  startedAt!: Date;

  @Column({ type: 'text', array: true, nullable: true })
  avoid!: string[] | null;

  @Column({ type: 'boolean', name: 'waits_for_account' })
  waitsForAccount!: boolean;
}
