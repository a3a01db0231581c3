import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What opens the listener of instant messages to a device of a uid. */
@Entity('im_user_token')
export class ImUserTokenEntity {
  @PrimaryColumn({ type: 'text' })
  uid!: string;

  @PrimaryColumn({ type: 'smallint', name: 'device_flag' })
  deviceFlag!: number;

  @Column({ type: 'bytea', name: 'token_hash' })
  tokenHash!: Buffer;

  @Column({ type: 'smallint', name: 'device_level' })
  deviceLevel!: number;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;
}
