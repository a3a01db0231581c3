import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A process with a listener for instant messages. */
@Entity('im_replica')
export class ImReplicaEntity {
  @PrimaryColumn({ type: 'uuid', name: 'replica_id' })
  replicaId!: string;

  @Column({ type: 'timestamptz', name: 'lease_until' })
  leaseUntil!: Date;
}
