import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** Who takes part in a channel, and what he has read of it. */
@Entity('im_conversation')
export class ImConversationEntity {
  @PrimaryColumn({ type: 'text' })
  uid!: string;

  @PrimaryColumn({ type: 'bigint', name: 'channel_key', transformer: bigintNumber })
  channelKey!: number;

  @Column({ type: 'text', nullable: true })
  peer!: string | null;

  @Column({ type: 'boolean', name: 'is_left', nullable: true })
  isLeft!: boolean | null;

  @Column({ type: 'boolean', name: 'is_guest' })
  isGuest!: boolean;

  @Column({ type: 'bigint', transformer: bigintNumber })
  base!: number;

  @Column({ type: 'bigint', name: 'hidden_seq', transformer: bigintNumber })
  hiddenSeq!: number;

  @Column({ type: 'bigint', name: 'own_red', transformer: bigintNumber })
  ownRed!: number;

  @Column({ type: 'bigint', name: 'own_seq', transformer: bigintNumber })
  ownSeq!: number;

  @Column({ type: 'bigint', name: 'own_at', transformer: bigintNumber })
  ownAt!: number;

  @Column({ type: 'bigint', transformer: bigintNumber })
  version!: number;
}
