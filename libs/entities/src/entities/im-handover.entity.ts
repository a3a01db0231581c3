import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A request that is too large for the broker. */
@Entity('im_handover')
export class ImHandoverEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text' })
  request!: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
