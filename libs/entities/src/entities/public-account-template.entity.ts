import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A template of a WeChat public account. */
@Entity('public_account_template')
export class PublicAccountTemplateEntity {
  @PrimaryColumn({ type: 'text', name: 'public_id' })
  publicId!: string;

  @PrimaryColumn({ type: 'text', name: 'template_id' })
  templateId!: string;

  @Column({ type: 'text' })
  title!: string;

  @Column({ type: 'text', name: 'primary_industry' })
  primaryIndustry!: string;

  @Column({ type: 'text', name: 'deputy_industry' })
  deputyIndustry!: string;

  @Column({ type: 'text' })
  content!: string;

  @Column({ type: 'text' })
  example!: string;
}
