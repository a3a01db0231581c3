import { Entity, PrimaryColumn } from 'typeorm';

/** A uid that may write to anybody. */
@Entity('im_system_uid')
export class ImSystemUidEntity {
  @PrimaryColumn({ type: 'text' })
  uid!: string;
}
