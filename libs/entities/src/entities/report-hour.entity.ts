import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** Deliveries per hour, app, channel and status. */
@Entity('report_hour')
export class ReportHourEntity {
  @PrimaryColumn({ type: 'timestamptz' })
  hour!: Date;

  @PrimaryColumn({ type: 'text', name: 'app_id' })
  appId!: string;

  @PrimaryColumn({ type: 'text' })
  channel!: string;

  @PrimaryColumn({ type: 'smallint' })
  status!: number;

  @Column({ type: 'bigint', transformer: bigintNumber })
  count!: number;
}
