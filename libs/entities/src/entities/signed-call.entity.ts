import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** A signed call that was let in and will not be again. */
@Entity('signed_call')
export class SignedCallEntity {
  @PrimaryColumn({ type: 'text', name: 'app_id' })
  appId!: string;

  /** Epoch ms. */
  @PrimaryColumn({ type: 'bigint', name: 'signed_ms', transformer: bigintNumber })
  signedMs!: number;

  @PrimaryColumn({ type: 'bytea' })
  token!: Buffer;

  @Column({ type: 'timestamptz', name: 'forget_at' })
  forgetAt!: Date;
}
