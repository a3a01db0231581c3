import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Messages of one account to one recipient in a window. */
@Entity('recipient_window')
export class RecipientWindowEntity {
  @PrimaryColumn({ type: 'text' })
  account!: string;

  @PrimaryColumn({ type: 'text' })
  address!: string;

  @PrimaryColumn({ type: 'integer', name: 'window_s' })
  windowS!: number;

  @Column({ type: 'timestamptz', name: 'window_start' })
  windowStart!: Date;

  /** Messages by sixths of the window, the newest of seven counters first; `window_start` is when that began. */
  @Column({ type: 'integer', array: true })
  counts!: number[];

  /** How many of those last asked for. */
  @Column({ type: 'integer' })
  granted!: number;
}
