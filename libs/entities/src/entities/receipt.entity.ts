import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Providers’ later words, kept until matched. */
@Entity('receipt')
export class ReceiptEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text', name: 'provider_id' })
  providerId!: string;

  @Column({ type: 'smallint' })
  status!: number;

  @Column({ type: 'text', nullable: true })
  code!: string | null;

  @Column({ type: 'text', nullable: true })
  words!: string | null;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date;

  @Column({ type: 'timestamptz', name: 'due_at', default: () => 'now()' })
  dueAt!: Date;

  @Column({ type: 'timestamptz', name: 'received_at', default: () => 'now()' })
  receivedAt!: Date;

  @Column({ type: 'boolean', name: 'is_address_dead', default: false })
  isAddressDead!: boolean;

  /** Of the delivery, where the word names it itself. */
  @Column({ type: 'uuid', name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column({ type: 'integer', nullable: true })
  seq!: number | null;
}
