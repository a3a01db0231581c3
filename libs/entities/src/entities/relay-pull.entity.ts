import type { RelayEntry } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one pull took out of a mailbox, for a while. */
@Entity('relay_pull')
export class RelayPullEntity {
  @PrimaryColumn({ type: 'text' })
  reader!: string;

  /** Empty: the mailbox of the reader himself. */
  @PrimaryColumn({ type: 'text', name: 'mailbox_key' })
  mailboxKey!: string;

  /** A bigint: the driver gives it as text. */
  @PrimaryColumn({ type: 'bigint', generated: 'identity', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @Column({ type: 'json' })
  entries!: RelayEntry[];

  @Column({ type: 'timestamptz', name: 'pulled_at', default: () => 'now()' })
  pulledAt!: Date;
}
