import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** The command queue of a uid. */
@Entity('im_user')
export class ImUserEntity {
  @PrimaryColumn({ type: 'text' })
  uid!: string;

  @Column({ type: 'bigint', name: 'queue_last_seq', transformer: bigintNumber })
  queueLastSeq!: number;

  @Column({ type: 'bigint', name: 'queue_cursor', transformer: bigintNumber })
  queueCursor!: number;
}
