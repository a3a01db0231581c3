import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What an administrator should look at. */
@Entity('alarm')
export class AlarmEntity {
  /** A bigint: the driver gives it as text. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'text' })
  detail!: string;

  @Column({ type: 'jsonb' })
  data!: Record<string, unknown>;

  @Column({ type: 'integer' })
  count!: number;

  @Column({ type: 'timestamptz', name: 'raised_at', default: () => 'now()' })
  raisedAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_at', default: () => 'now()' })
  lastAt!: Date;

  @Column({ type: 'timestamptz', name: 'cleared_at', nullable: true })
  clearedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'due_at', nullable: true })
  dueAt!: Date | null;

  @Column({ type: 'smallint' })
  attempts!: number;
}
