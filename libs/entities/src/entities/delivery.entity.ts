import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One message to one recipient on one channel. */
@Entity('delivery')
export class DeliveryEntity {
  @PrimaryColumn({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @PrimaryColumn({ type: 'integer' })
  seq!: number;

  @Column({ type: 'smallint' })
  status!: number;

  @Column({ type: 'smallint' })
  attempts!: number;

  @Column({ type: 'boolean', name: 'is_open' })
  isOpen!: boolean;

  @Column({ type: 'text' })
  channel!: string;

  @Column({ type: 'text' })
  recipient!: string;

  @Column({ type: 'text' })
  address!: string;

  @Column({ type: 'uuid' })
  ref!: string;

  @Column({ type: 'text', nullable: true })
  name!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  params!: Record<string, unknown> | null;

  @Column({ type: 'text', nullable: true })
  provider!: string | null;

  @Column({ type: 'text', name: 'error_code', nullable: true })
  errorCode!: string | null;

  @Column({ type: 'text', name: 'error_text', nullable: true })
  errorText!: string | null;

  @Column({ type: 'timestamptz', name: 'sent_at', nullable: true })
  sentAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'delivered_at', nullable: true })
  deliveredAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'read_at', nullable: true })
  readAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'settled_at', nullable: true })
  settledAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  account!: string | null;

  @Column({ type: 'smallint', nullable: true })
  segments!: number | null;

  @Column({ type: 'date', name: 'segments_day', nullable: true })
  segmentsDay!: string | null;

  /** Code of `INBOX_STATE`; null: in nobody's inbox. */
  @Column({ type: 'smallint', name: 'inbox_state', nullable: true })
  inboxState!: number | null;

  @Column({ type: 'timestamptz', name: 'done_at', nullable: true })
  doneAt!: Date | null;
}
