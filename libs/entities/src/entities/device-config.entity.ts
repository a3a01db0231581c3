import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest configuration that an app pushed to a device under a tag. */
@Entity('device_config')
export class DeviceConfigEntity {
  @PrimaryColumn({ type: 'text', name: 'app_id' })
  appId!: string;

  @PrimaryColumn({ type: 'text' })
  tag!: string;

  @PrimaryColumn({ type: 'text', name: 'device_token' })
  deviceToken!: string;

  /** With `seq`: the delivery that carries it. */
  @Column({ type: 'uuid', name: 'message_id' })
  messageId!: string;

  @Column({ type: 'integer' })
  seq!: number;

  @Column({ type: 'timestamptz', name: 'kept_at', default: () => 'now()' })
  keptAt!: Date;
}
