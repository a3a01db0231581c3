import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An entry of the black list of `owner`. */
@Entity('relay_block')
export class RelayBlockEntity {
  @PrimaryColumn({ type: 'text' })
  owner!: string;

  @PrimaryColumn({ type: 'text', name: 'md5_id' })
  md5Id!: string;

  @Column({ type: 'text', nullable: true })
  nickname!: string | null;

  @Column({ type: 'text', nullable: true })
  icon!: string | null;

  @Column({ type: 'timestamptz', name: 'blocked_at', default: () => 'now()' })
  blockedAt!: Date;
}
