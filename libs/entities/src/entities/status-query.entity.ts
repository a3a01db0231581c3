import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** References that a provider must be asked about. */
@Entity('status_query')
export class StatusQueryEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  channel!: string;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  ref!: string;

  @Column({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @Column({ type: 'integer', array: true })
  seqs!: number[];

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'smallint' })
  tries!: number;

  @Column({ type: 'timestamptz', name: 'due_at' })
  dueAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;

  @Column({ type: 'jsonb', nullable: true })
  work!: Record<string, unknown> | null;
}
