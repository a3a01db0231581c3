import { Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** An entry of a black or white list. */
@Entity('im_listed')
export class ImListedEntity {
  @PrimaryColumn({ type: 'bigint', name: 'channel_key', transformer: bigintNumber })
  channelKey!: number;

  @PrimaryColumn({ type: 'text' })
  list!: string;

  @PrimaryColumn({ type: 'text' })
  uid!: string;
}
