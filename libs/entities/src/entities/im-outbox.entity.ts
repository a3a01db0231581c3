import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What the webhook of the IM door, and phones of people who are offline, are still to be told. */
@Entity('im_outbox')
export class ImOutboxEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  /** JSON text. */
  @Column({ type: 'text' })
  body!: string;

  @Column({ type: 'text', nullable: true })
  event!: string | null;

  @Column({ type: 'boolean', name: 'wants_offline' })
  wantsOffline!: boolean;

  @Column({ type: 'text', name: 'push_text', nullable: true })
  pushText!: string | null;

  @Column({ type: 'text', name: 'from_uid', nullable: true })
  fromUid!: string | null;

  @Column({ type: 'bigint', name: 'channel_key', nullable: true })
  channelKey!: string | null;

  @Column({ type: 'text', array: true, nullable: true })
  uids!: string[] | null;

  @Column({ type: 'text', name: 'after_uid' })
  afterUid!: string;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date;
}
