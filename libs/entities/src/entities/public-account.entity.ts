import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A WeChat public account. */
@Entity('public_account')
export class PublicAccountEntity {
  @PrimaryColumn({ type: 'text', name: 'public_id' })
  publicId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  remark!: string;

  @Column({ type: 'text', name: 'client_apps', array: true })
  clientApps!: string[];

  @Column({ type: 'jsonb', name: 'default_template', nullable: true })
  defaultTemplate!: Record<string, unknown> | null;

  @Column({ type: 'timestamptz', name: 'templates_synced_at', nullable: true })
  templatesSyncedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'followers_listed_at', nullable: true })
  followersListedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'followers_due_at', default: () => 'now()' })
  followersDueAt!: Date;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
