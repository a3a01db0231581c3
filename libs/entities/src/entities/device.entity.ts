import type { DevicePlatform, PushProvider, WebPushSubscription } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A device of a person, told by its token. */
@Entity('device')
export class DeviceEntity {
  @PrimaryColumn({ type: 'text' })
  token!: string;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  /** Empty: serves every client app; else the one that registered it. */
  @Column({ type: 'text', name: 'app_id', default: '' })
  appId!: string;

  @Column({ type: 'text' })
  platform!: DevicePlatform;

  /** Null: any that serves its platform. */
  @Column({ type: 'text', nullable: true })
  provider!: PushProvider | null;

  @Column({ type: 'boolean', name: 'is_test', default: false })
  isTest!: boolean;

  @Column({ type: 'jsonb', nullable: true })
  subscription!: WebPushSubscription | null;

  /** SHA-256 of a random password. */
  @Column({ type: 'bytea', name: 'mqtt_password_hash', nullable: true })
  mqttPasswordHash!: Buffer | null;

  /** The last time it was registered. */
  @Column({ type: 'timestamptz', name: 'registered_at', default: () => 'now()' })
  registeredAt!: Date;

  /** When it was registered first, or for another owner. */
  @Column({ type: 'timestamptz', name: 'owned_since', default: () => 'clock_timestamp()' })
  ownedSince!: Date;

  @Column({ type: 'timestamptz', name: 'last_seen_at', nullable: true })
  lastSeenAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'deactivated_at', nullable: true })
  deactivatedAt!: Date | null;

  @Column({ type: 'text', name: 'deactivated_reason', nullable: true })
  deactivatedReason!: string | null;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
