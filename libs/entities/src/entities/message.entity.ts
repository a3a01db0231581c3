import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** What a client app handed over once; written once, but for `todoDigest`. */
@Entity('message')
export class MessageEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text', name: 'client_app_id' })
  clientAppId!: string;

  @Column({ type: 'text' })
  door!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'smallint' })
  priority!: number;

  @Column({ type: 'jsonb', nullable: true })
  content!: Record<string, unknown> | null;

  @Column({ type: 'bigint', name: 'template_version_id', nullable: true, transformer: bigintNumber })
  templateVersionId!: number | null;

  @Column({ type: 'jsonb', nullable: true })
  params!: Record<string, unknown> | null;

  @Column({ type: 'jsonb' })
  audience!: Record<string, unknown>;

  @Column({ type: 'jsonb' })
  plan!: Record<string, unknown>;

  @Column({ type: 'text', name: 'status_callback', nullable: true })
  statusCallback!: string | null;

  @Column({ type: 'text', name: 'client_ref', nullable: true })
  clientRef!: string | null;

  @Column({ type: 'boolean' })
  reply!: boolean;

  @Column({ type: 'timestamptz', name: 'accepted_at' })
  acceptedAt!: Date;

  @Column({ type: 'timestamptz', name: 'send_at', nullable: true })
  sendAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'integer', name: 'remind_every_s', nullable: true })
  remindEveryS!: number | null;

  @Column({ type: 'uuid', name: 'reminder_of', nullable: true })
  reminderOf!: string | null;

  @Column({ type: 'bytea', name: 'todo_digest', nullable: true })
  todoDigest!: Buffer | null;
}
