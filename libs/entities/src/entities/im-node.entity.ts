import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Node bits of message ids, leased to a process. */
@Entity('im_node')
export class ImNodeEntity {
  @PrimaryColumn({ type: 'smallint', name: 'node_id' })
  nodeId!: number;

  @Column({ type: 'uuid', nullable: true })
  holder!: string | null;

  @Column({ type: 'timestamptz', name: 'lease_until' })
  leaseUntil!: Date;
}
