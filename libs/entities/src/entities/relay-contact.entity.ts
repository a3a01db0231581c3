import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last message that `owner` received from `peer`. */
@Entity('relay_contact')
export class RelayContactEntity {
  @PrimaryColumn({ type: 'text' })
  owner!: string;

  @PrimaryColumn({ type: 'text' })
  peer!: string;

  @Column({ type: 'text', nullable: true })
  redirect!: string | null;

  @Column({ type: 'timestamptz', name: 'sent_at' })
  sentAt!: Date;

  /** By upkeep. */
  @Column({ type: 'timestamptz', name: 'looked_at', default: () => 'now()' })
  lookedAt!: Date;
}
