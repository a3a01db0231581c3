import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** Who carries a tag, and who did. */
@Entity('tag_member')
export class TagMemberEntity {
  @PrimaryColumn({ type: 'bigint', name: 'tag_id', transformer: bigintNumber })
  tagId!: number;

  @PrimaryColumn({ type: 'text', name: 'user_id' })
  userId!: string;

  @PrimaryColumn({ type: 'timestamptz', name: 'added_at', default: () => 'now()' })
  addedAt!: Date;

  @Column({ type: 'timestamptz', name: 'removed_at', nullable: true })
  removedAt!: Date | null;
}
