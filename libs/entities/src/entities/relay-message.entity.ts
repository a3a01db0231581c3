import type { RelayBody } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A message that waits in a mailbox of the relay. */
@Entity('relay_message')
export class RelayMessageEntity {
  @PrimaryColumn({ type: 'text' })
  receiver!: string;

  /** A bigint: the driver gives it as text. */
  @PrimaryColumn({ type: 'bigint', generated: 'identity', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  sender!: string;

  @Column({ type: 'text', nullable: true })
  redirect!: string | null;

  @Column({ type: 'json' })
  body!: RelayBody;

  @Column({ type: 'timestamptz', name: 'sent_at' })
  sentAt!: Date;
}
