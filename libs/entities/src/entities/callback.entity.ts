import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Callbacks that wait to be sent: to client apps, and to the webhook of the IM door. */
@Entity('callback')
export class CallbackEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'uuid', name: 'webhook_id' })
  webhookId!: string;

  @Column({ type: 'uuid', name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column({ type: 'text', name: 'app_id' })
  appId!: string;

  @Column({ type: 'text' })
  url!: string;

  @Column({ type: 'jsonb', nullable: true })
  items!: Record<string, unknown>[] | null;

  @Column({ type: 'smallint' })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'due_at', default: () => 'now()' })
  dueAt!: Date;

  @Column({ type: 'uuid', name: 'lease_token', nullable: true })
  leaseToken!: string | null;

  @Column({ type: 'text', name: 'last_code', nullable: true })
  lastCode!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'text' })
  type!: string;

  /** Sent as it stands, instead of items in our envelope. */
  @Column({ type: 'text', nullable: true })
  body!: string | null;
}
