import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a message has come, and its counts. */
@Entity('message_state')
export class MessageStateEntity {
  @PrimaryColumn({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @Column({ type: 'text' })
  status!: string;

  @Column({ type: 'integer', name: 'next_ordinal' })
  nextOrdinal!: number;

  @Column({ type: 'integer' })
  chains!: number;

  @Column({ type: 'integer', nullable: true })
  expected!: number | null;

  @Column({ type: 'integer' })
  ended!: number;

  @Column({ type: 'integer' })
  sent!: number;

  @Column({ type: 'integer' })
  unknown!: number;

  @Column({ type: 'integer' })
  failed!: number;

  @Column({ type: 'integer' })
  expired!: number;

  @Column({ type: 'integer' })
  delivered!: number;

  @Column({ type: 'integer' })
  read!: number;

  @Column({ type: 'integer' })
  cancelled!: number;

  @Column({ type: 'integer' })
  suppressed!: number;

  @Column({ type: 'integer' })
  skipped!: number;

  @Column({ type: 'integer', name: 'unattributed_reads' })
  unattributedReads!: number;

  @Column({ type: 'text', nullable: true })
  cursor!: string | null;

  @Column({ type: 'timestamptz', name: 'cancel_requested_at', nullable: true })
  cancelRequestedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'dispatched_at', nullable: true })
  dispatchedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'completed_at', nullable: true })
  completedAt!: Date | null;
}
