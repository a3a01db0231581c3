import { Entity, PrimaryColumn } from 'typeorm';

/** What a person does not want. */
@Entity('opt_out')
export class OptOutEntity {
  @PrimaryColumn({ type: 'text', name: 'user_id' })
  userId!: string;

  @PrimaryColumn({ type: 'text' })
  kind!: string;

  @PrimaryColumn({ type: 'text' })
  value!: string;
}
