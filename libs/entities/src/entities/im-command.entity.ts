import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** A message with sync_once. */
@Entity('im_command')
export class ImCommandEntity {
  /** Beyond 2^53: text. */
  @PrimaryColumn({ type: 'bigint', name: 'message_id' })
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

  @Column({ type: 'bigint', transformer: bigintNumber })
  expire!: number;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'sent_at' })
  sentAt!: Date;

  @Column({ type: 'bytea' })
  payload!: Buffer;
}
