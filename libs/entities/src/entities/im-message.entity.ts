import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** A message in the log of a channel. */
@Entity('im_message')
export class ImMessageEntity {
  @PrimaryColumn({ type: 'bigint', name: 'channel_key', transformer: bigintNumber })
  channelKey!: number;

  @PrimaryColumn({ type: 'bigint', transformer: bigintNumber })
  seq!: number;

  /** Beyond 2^53: text. */
  @Column({ type: 'bigint', name: 'message_id' })
  messageId!: string;

  @Column({ type: 'text', name: 'client_msg_no' })
  clientMsgNo!: string;

  @Column({ type: 'boolean', name: 'has_red_dot' })
  hasRedDot!: boolean;

  @Column({ type: 'smallint' })
  setting!: number;

  @Column({ type: 'text', name: 'from_uid' })
  fromUid!: string;

  @Column({ type: 'text', name: 'channel_id' })
  channelId!: string;

  @Column({ type: 'smallint', name: 'channel_type' })
  channelType!: number;

  @Column({ type: 'text', nullable: true })
  topic!: string | null;

  @Column({ type: 'text', name: 'stream_no', nullable: true })
  streamNo!: string | null;

  @Column({ type: 'bigint', transformer: bigintNumber })
  expire!: number;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'sent_at' })
  sentAt!: Date;

  @Column({ type: 'bigint', name: 'red_total', transformer: bigintNumber })
  redTotal!: number;

  @Column({ type: 'bytea' })
  payload!: Buffer;
}
