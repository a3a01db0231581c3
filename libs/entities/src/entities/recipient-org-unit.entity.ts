import { Entity, PrimaryColumn } from 'typeorm';

/** Who belongs where. */
@Entity('recipient_org_unit')
export class RecipientOrgUnitEntity {
  @PrimaryColumn({ type: 'text', name: 'org_unit' })
  orgUnit!: string;

  @PrimaryColumn({ type: 'text', name: 'user_id' })
  userId!: string;
}
