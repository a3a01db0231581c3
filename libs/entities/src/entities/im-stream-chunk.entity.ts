import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** A piece of such a text. */
@Entity('im_stream_chunk')
export class ImStreamChunkEntity {
  @PrimaryColumn({ type: 'text', name: 'stream_no' })
  streamNo!: string;

  @PrimaryColumn({ type: 'bigint', transformer: bigintNumber })
  seq!: number;

  @Column({ type: 'text', name: 'client_msg_no' })
  clientMsgNo!: string;

  @Column({ type: 'bytea' })
  payload!: Buffer;
}
