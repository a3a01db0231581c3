import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A to-do that may not be sent to the same person again while it is open. */
@Entity('open_todo')
export class OpenTodoEntity {
  @PrimaryColumn({ type: 'text', name: 'app_id' })
  appId!: string;

  @PrimaryColumn({ type: 'bytea' })
  digest!: Buffer;

  @PrimaryColumn({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'uuid', name: 'message_id' })
  messageId!: string;
}
