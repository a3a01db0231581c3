import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody who follows a WeChat public account, as WeChat listed him. */
@Entity('public_account_follower')
export class PublicAccountFollowerEntity {
  @PrimaryColumn({ type: 'text', name: 'public_id' })
  publicId!: string;

  @PrimaryColumn({ type: 'text' })
  openid!: string;

  @Column({ type: 'text', nullable: true })
  unionid!: string | null;

  @Column({ type: 'timestamptz', name: 'seen_at' })
  seenAt!: Date;
}
