import type { ProviderAccountRow } from '#entities';
import type { MqttConfig } from '#platform';

/** Id of the account at the broker that the environment names. An administrator's account of that id takes its place. */
export const MQTT_ACCOUNT = 'mqtt';

/**
 * The account at the broker of MQTT_URL, as if an administrator had set it up; undefined where none is named. It stands behind all
 * others: see `Accounts`.
 */
export function mqttAccountOf({ MQTT_URL, MQTT_USERNAME, MQTT_PASSWORD }: MqttConfig): ProviderAccountRow | undefined {
  if (MQTT_URL === undefined) return undefined;
  const settings = {
    url: MQTT_URL,
    ...(MQTT_USERNAME !== undefined && { username: MQTT_USERNAME }),
    ...(MQTT_PASSWORD !== undefined && { password: MQTT_PASSWORD }),
  };
  return {
    channel: 'push',
    id: MQTT_ACCOUNT,
    provider: 'mqtt',
    settings,
    secrets: null,
    weight: 0,
    enabled: true,
    rate_per_second: null,
    quota_per_hour: null,
    quota_per_day: null,
    receipt_within_s: null,
    // Names no row that an administrator could correct: what is wrong with it stops nothing.
    version: 'environment',
  };
}
