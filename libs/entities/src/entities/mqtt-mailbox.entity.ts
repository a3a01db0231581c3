import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A message that the embedded MQTT broker keeps for a device. */
@Entity('mqtt_mailbox')
export class MqttMailboxEntity {
  @PrimaryColumn({ type: 'text' })
  token!: string;

  @PrimaryColumn({ type: 'text' })
  ref!: string;

  @Column({ type: 'text' })
  payload!: string;

  /** A bigint: the driver gives it as text. */
  @Column({ type: 'bigint' })
  place!: string;

  @Column({ type: 'timestamptz', name: 'stored_at', default: () => 'now()' })
  storedAt!: Date;

  /** Of the device as the message was taken. */
  @Column({ type: 'timestamptz', name: 'owned_since' })
  ownedSince!: Date;
}
