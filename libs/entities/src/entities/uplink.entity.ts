import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What people sent back. */
@Entity('uplink')
export class UplinkEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  channel!: string;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text', name: 'provider_id', nullable: true })
  providerId!: string | null;

  @Column({ type: 'text' })
  address!: string;

  @Column({ type: 'text' })
  text!: string;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date;

  @Column({ type: 'timestamptz', name: 'received_at', default: () => 'now()' })
  receivedAt!: Date;

  @Column({ type: 'text', name: 'app_id', nullable: true })
  appId!: string | null;

  @Column({ type: 'uuid', name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column({ type: 'integer', nullable: true })
  seq!: number | null;

  @Column({ type: 'timestamptz', name: 'pulled_at', nullable: true })
  pulledAt!: Date | null;
}
