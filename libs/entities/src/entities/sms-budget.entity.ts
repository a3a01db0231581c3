import { Column, Entity, PrimaryColumn } from 'typeorm';

/** SMS segments used by a client app. */
@Entity('sms_budget')
export class SmsBudgetEntity {
  @PrimaryColumn({ type: 'text', name: 'app_id' })
  appId!: string;

  @PrimaryColumn({ type: 'date' })
  period!: string;

  /** A bigint: the driver gives it as text. */
  @Column({ type: 'bigint' })
  used!: string;
}
