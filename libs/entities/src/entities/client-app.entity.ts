import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A calling system and what it may do. */
@Entity('client_app')
export class ClientAppEntity {
  @PrimaryColumn({ type: 'text', name: 'app_id' })
  appId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  description!: string;

  @Column({ type: 'boolean' })
  enabled!: boolean;

  @Column({ type: 'text', array: true })
  channels!: string[];

  @Column({ type: 'text', array: true })
  features!: string[];

  @Column({ type: 'text', name: 'ip_allowlist', array: true })
  ipAllowlist!: string[];

  @Column({ type: 'bytea' })
  secret!: Buffer;

  @Column({ type: 'bytea', name: 'previous_secret', nullable: true })
  previousSecret!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'previous_secret_until', nullable: true })
  previousSecretUntil!: Date | null;

  @Column({ type: 'bytea', name: 'webhook_secret' })
  webhookSecret!: Buffer;

  @Column({ type: 'bytea', name: 'previous_webhook_secret', nullable: true })
  previousWebhookSecret!: Buffer | null;

  @Column({ type: 'timestamptz', name: 'previous_webhook_secret_until', nullable: true })
  previousWebhookSecretUntil!: Date | null;

  @Column({ type: 'integer', name: 'sms_quota_total', nullable: true })
  smsQuotaTotal!: number | null;

  @Column({ type: 'integer', name: 'sms_quota_per_day', nullable: true })
  smsQuotaPerDay!: number | null;

  @Column({ type: 'integer', name: 'rate_per_second', nullable: true })
  ratePerSecond!: number | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Column({ type: 'smallint' })
  weight!: number;
}
