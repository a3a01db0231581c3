import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** Somebody who gets the messages of a channel. */
@Entity('im_subscriber')
export class ImSubscriberEntity {
  @PrimaryColumn({ type: 'bigint', name: 'channel_key', transformer: bigintNumber })
  channelKey!: number;

  @PrimaryColumn({ type: 'text' })
  uid!: string;

  @Column({ type: 'boolean', name: 'is_temporary' })
  isTemporary!: boolean;
}
