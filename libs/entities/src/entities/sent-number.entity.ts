import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Newest SMS sent to a number. */
@Entity('sent_number')
export class SentNumberEntity {
  @PrimaryColumn({ type: 'text' })
  address!: string;

  @Column({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @Column({ type: 'integer' })
  seq!: number;

  @Column({ type: 'timestamptz', name: 'sent_at', default: () => 'now()' })
  sentAt!: Date;
}
