import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A card of a to-do at the vendor, until it shows that the to-do is done. */
@Entity('todo_card')
export class TodoCardEntity {
  @PrimaryColumn({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @PrimaryColumn({ type: 'integer' })
  seq!: number;

  @Column({ type: 'text' })
  channel!: string;

  /** `<channel>:<account id>`. */
  @Column({ type: 'text' })
  account!: string;

  @Column({ type: 'text' })
  address!: string;

  @Column({ type: 'text' })
  code!: string;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;

  /** Null: its to-do is open. */
  @Column({ type: 'timestamptz', name: 'due_at', nullable: true })
  dueAt!: Date | null;

  @Column({ type: 'smallint' })
  attempts!: number;
}
