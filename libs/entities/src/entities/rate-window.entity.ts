import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Calls of a subject in its current window; unlogged. */
@Entity('rate_window')
export class RateWindowEntity {
  @PrimaryColumn({ type: 'text' })
  subject!: string;

  @Column({ type: 'timestamptz', name: 'window_start' })
  windowStart!: Date;

  @Column({ type: 'integer' })
  used!: number;
}
