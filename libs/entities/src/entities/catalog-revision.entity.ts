import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintNumber } from './bigint-number.js';

/** Raised by every write to a cached table. */
@Entity('catalog_revision')
export class CatalogRevisionEntity {
  @PrimaryColumn({ type: 'text' })
  topic!: string;

  @Column({ type: 'bigint', transformer: bigintNumber })
  revision!: number;
}
