import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What was given up, until it is replayed. */
@Entity('dead_letter')
export class DeadLetterEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text', name: 'app_id' })
  appId!: string;

  @Column({ type: 'text' })
  channel!: string;

  @Column({ type: 'text' })
  cause!: string;

  @Column({ type: 'uuid', name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column({ type: 'integer', array: true })
  seqs!: number[];

  @Column({ type: 'jsonb', nullable: true })
  payload!: Record<string, unknown> | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date;

  @Column({ type: 'uuid', name: 'replay_id', nullable: true })
  replayId!: string | null;

  @Column({ type: 'timestamptz', name: 'replayed_at', nullable: true })
  replayedAt!: Date | null;
}
