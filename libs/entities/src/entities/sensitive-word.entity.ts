import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Word list and allow-list. */
@Entity('sensitive_word')
export class SensitiveWordEntity {
  @PrimaryColumn({ type: 'text' })
  word!: string;

  @Column({ type: 'boolean', name: 'is_allowed' })
  isAllowed!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
