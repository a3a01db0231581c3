import type { Channel } from '#contracts';
import type { MqttConfig } from '#platform';

/** The portal is the center's own, and devices are reached through the broker of MQTT_URL where one is named. */
export const needsNoAccount = (channel: Channel, { MQTT_URL }: MqttConfig): boolean =>
  channel === 'portal' || (channel === 'push' && MQTT_URL !== undefined);
