import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The provider’s ids of what it took. */
@Entity('provider_ref')
export class ProviderRefEntity {
  @PrimaryColumn({ type: 'text' })
  account!: string;

  @PrimaryColumn({ type: 'text', name: 'provider_id' })
  providerId!: string;

  @Column({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @Column({ type: 'integer' })
  seq!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
