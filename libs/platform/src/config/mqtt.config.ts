import { IsInt, IsOptional, Matches, Max, MaxLength, Min } from 'class-validator';
import { Setting } from './setting.js';

/** MQTT broker to which devices are connected, without an account set up by an administrator. */
export class MqttConfig {
  @Setting(
    'MQTT broker through which channel push reaches devices: mqtt://host:1883 or mqtts://host:8883. npm start has one of its own unless this is set.',
    { example: 'mqtts://mqtt.example.com:8883' },
  )
  @IsOptional()
  @Matches(/^mqtts?:\/\/[^/?#@\s]+\/?$/, {
    message: 'must look like mqtts://host:8883, without user, password and path',
  })
  MQTT_URL?: string;

  @Setting('User name of the center at that broker.', { example: 'message-center' })
  @IsOptional()
  @MaxLength(256)
  MQTT_USERNAME?: string;

  @Setting('Password of the center at that broker.', { secret: true, example: 'password of that user' })
  @IsOptional()
  @MaxLength(256)
  MQTT_PASSWORD?: string;

  @Setting('npm start only: port of its own MQTT broker, on HOST; 0: it has none. Without it 1883, or a free one.', {
    example: '1883',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65_535)
  MQTT_PORT?: number;
}
