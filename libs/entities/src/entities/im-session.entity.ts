import type { ImSessionEnd } from '#contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** A device that is connected to a listener for instant messages. */
@Entity('im_session')
export class ImSessionEntity {
  @PrimaryColumn({ type: 'bigint', name: 'session_id', transformer: bigintNumber })
  sessionId!: number;

  @Column({ type: 'uuid', name: 'replica_id' })
  replicaId!: string;

  @Column({ type: 'text' })
  uid!: string;

  @Column({ type: 'smallint', name: 'device_flag' })
  deviceFlag!: number;

  @Column({ type: 'smallint', name: 'device_level' })
  deviceLevel!: number;

  @Column({ type: 'text', name: 'device_id' })
  deviceId!: string;

  @Column({ type: 'text', name: 'end_reason', nullable: true })
  endReason!: ImSessionEnd | null;

  @Column({ type: 'timestamptz', name: 'connected_at' })
  connectedAt!: Date;
}
