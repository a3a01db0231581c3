import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';

/** `mqtt://` or `mqtts://`, host and port; user and password have settings of their own. */
export const MQTT_URL = /^mqtts?:\/\/(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:\d{1,5})?\/?$/;

export const MQTT_PROTOCOLS = ['auto', '3.1.1', '5'] as const;
export type MqttProtocol = (typeof MQTT_PROTOCOLS)[number];

export const ACK_SUBSCRIPTIONS = ['each', 'shared', 'none'] as const;
export type AckSubscription = (typeof ACK_SUBSCRIPTIONS)[number];

/** Settings of an account at an MQTT broker to which devices are connected. */
export class MqttSettings {
  @ApiProperty({
    description: 'Address of the broker: mqtt://host:1883, or mqtts://host:8883 with TLS.',
    example: 'mqtts://mqtt.example.com:8883',
  })
  @Matches(MQTT_URL, { message: 'url must look like mqtts://host:8883, without user, password and path' })
  url!: string;

  @ApiPropertyOptional({ description: 'Certificate authority to trust besides the public ones, PEM.' })
  @IsOptional()
  @Matches(/^-----BEGIN CERTIFICATE-----/, { message: 'ca must be a certificate in PEM form' })
  @MaxLength(65_536)
  ca?: string;

  @ApiPropertyOptional({
    description:
      'User name of the center: it may publish to device/+/msg and subscribe to device/+/ack and device/+/hello.',
    example: 'message-center',
  })
  @IsOptional()
  @Matches(/^\P{C}{1,256}$/u, { message: 'username must be 1 to 256 characters' })
  username?: string;

  @ApiPropertyOptional({ description: 'Password of the center. Write-only.' })
  @IsOptional()
  @Matches(/^\P{C}{1,256}$/u, { message: 'password must be 1 to 256 characters' })
  password?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'Beginning of the client ids under which the replicas of the channel worker connect.',
    default: 'message-center',
  })
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'clientIdPrefix must be 1 to 64 letters, digits, - and _' })
  clientIdPrefix = 'message-center';

  @ApiPropertyOptional({
    description: 'Version of the protocol. auto: 5, and 3.1.1 where the broker does not speak it.',
    enum: MQTT_PROTOCOLS,
    default: 'auto',
  })
  @IsIn(MQTT_PROTOCOLS)
  protocol: MqttProtocol = 'auto';

  @ApiPropertyOptional({
    description:
      'How what devices say is heard. each: every replica of the channel worker hears everything, and nothing is missed while one of them restarts. shared: every word reaches one replica ($share), for brokers that can and very many devices. none: nothing is heard, pushes stay sent.',
    enum: ACK_SUBSCRIPTIONS,
    default: 'each',
  })
  @IsIn(ACK_SUBSCRIPTIONS)
  acks: AckSubscription = 'each';

  @ApiPropertyOptional({
    type: Number,
    description: 'Messages that may be without an answer of the broker at the same time, per replica.',
    default: 200,
  })
  @IsInt()
  @Min(1)
  @Max(10_000)
  window = 200;

  @ApiPropertyOptional({ type: Number, description: 'Time for an answer of the broker, ms.', default: 10_000 })
  @IsInt()
  @Min(100)
  @Max(300_000)
  responseTimeoutMs = 10_000;

  @ApiPropertyOptional({ type: Number, description: 'Greatest silence on the connection, s.', default: 30 })
  @IsInt()
  @Min(1)
  @Max(3600)
  keepAliveS = 30;
}
