import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** A place in a command queue. */
@Entity('im_user_queue')
export class ImUserQueueEntity {
  @PrimaryColumn({ type: 'text' })
  uid!: string;

  @PrimaryColumn({ type: 'bigint', transformer: bigintNumber })
  seq!: number;

  /** Beyond 2^53: text. */
  @Column({ type: 'bigint', name: 'message_id' })
  messageId!: string;
}
