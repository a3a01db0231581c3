import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** A message whose text arrives in pieces. */
@Entity('im_stream')
export class ImStreamEntity {
  @PrimaryColumn({ type: 'text', name: 'stream_no' })
  streamNo!: string;

  @Column({ type: 'text', name: 'channel_id' })
  channelId!: string;

  @Column({ type: 'smallint', name: 'channel_type' })
  channelType!: number;

  @Column({ type: 'bigint', name: 'last_seq', transformer: bigintNumber })
  lastSeq!: number;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt!: Date;
}
