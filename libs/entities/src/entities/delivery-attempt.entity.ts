import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One provider call for one delivery. */
@Entity('delivery_attempt')
export class DeliveryAttemptEntity {
  @PrimaryColumn({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @PrimaryColumn({ type: 'integer' })
  seq!: number;

  @PrimaryColumn({ type: 'smallint' })
  attempt!: number;

  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at' })
  finishedAt!: Date;

  @Column({ type: 'text' })
  provider!: string;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  outcome!: string;

  @Column({ type: 'text', nullable: true })
  code!: string | null;

  @Column({ type: 'text', nullable: true })
  words!: string | null;

  @Column({ type: 'boolean', name: 'is_possible_duplicate' })
  isPossibleDuplicate!: boolean;
}
