import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** A channel of instant messages, and the counters of its log. */
@Entity('im_channel')
export class ImChannelEntity {
  @PrimaryColumn({
    type: 'bigint',
    name: 'channel_key',
    transformer: bigintNumber,
    generated: 'identity',
    generatedIdentity: 'ALWAYS',
  })
  channelKey!: number;

  @Column({ type: 'text', name: 'channel_id' })
  channelId!: string;

  @Column({ type: 'smallint', name: 'channel_type' })
  channelType!: number;

  @Column({ type: 'boolean', name: 'is_large' })
  isLarge!: boolean;

  @Column({ type: 'boolean', name: 'is_banned' })
  isBanned!: boolean;

  @Column({ type: 'boolean', name: 'is_disbanded' })
  isDisbanded!: boolean;

  @Column({ type: 'bigint', name: 'last_seq', transformer: bigintNumber })
  lastSeq!: number;

  @Column({ type: 'bigint', name: 'red_total', transformer: bigintNumber })
  redTotal!: number;

  @Column({ type: 'bigint', name: 'red_left', transformer: bigintNumber })
  redLeft!: number;

  @Column({ type: 'bigint', name: 'conv_seq', transformer: bigintNumber })
  convSeq!: number;

  @Column({ type: 'bigint', name: 'conv_at', transformer: bigintNumber })
  convAt!: number;

  @Column({ type: 'bigint', name: 'conv_version', transformer: bigintNumber })
  convVersion!: number;
}
