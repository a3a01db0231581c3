import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How a person is reached on a channel. */
@Entity('recipient_address')
export class RecipientAddressEntity {
  @PrimaryColumn({ type: 'text', name: 'user_id' })
  userId!: string;

  @PrimaryColumn({ type: 'text' })
  channel!: string;

  @PrimaryColumn({ type: 'text', name: 'app_id' })
  appId!: string;

  @PrimaryColumn({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  address!: string;

  /** WeChat: what is known to be the unionid he was registered by. */
  @Column({ type: 'text', nullable: true })
  unionid!: string | null;

  @Column({ type: 'timestamptz', name: 'suspended_at', nullable: true })
  suspendedAt!: Date | null;

  @Column({ type: 'text', name: 'suspended_reason', nullable: true })
  suspendedReason!: string | null;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
