import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How the administrator set up a channel. */
@Entity('channel_config')
export class ChannelConfigEntity {
  @PrimaryColumn({ type: 'text' })
  channel!: string;

  @Column({ type: 'boolean' })
  enabled!: boolean;

  @Column({ type: 'integer', nullable: true })
  priority!: number | null;

  @Column({ type: 'text', name: 'smart_success_when', nullable: true })
  smartSuccessWhen!: string | null;

  @Column({ type: 'integer', name: 'smart_within_s', nullable: true })
  smartWithinS!: number | null;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
