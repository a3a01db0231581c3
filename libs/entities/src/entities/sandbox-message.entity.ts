import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What the sandbox took. */
@Entity('sandbox_message')
export class SandboxMessageEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  channel!: string;

  @Column({ type: 'text' })
  address!: string;

  @Column({ type: 'text' })
  ref!: string;

  @Column({ type: 'jsonb' })
  content!: Record<string, unknown>;

  @Column({ type: 'timestamptz', default: () => 'now()' })
  at!: Date;
}
