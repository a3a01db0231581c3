import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a send locks of sender and receiver. */
@Entity('relay_quota')
export class RelayQuotaEntity {
  @PrimaryColumn({ type: 'text', name: 'md5_id' })
  md5Id!: string;

  /** Of the accepted messages that count against the pace. */
  @Column({ type: 'timestamptz', name: 'sent_at', array: true, default: '{}' })
  sentAt!: Date[];

  /** By upkeep. */
  @Column({ type: 'timestamptz', name: 'looked_at', default: () => 'now()' })
  lookedAt!: Date;
}
