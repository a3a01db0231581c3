import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** What a device may sign in with at the embedded MQTT broker, and whose it is. */
export interface MqttSignIn {
  /** SHA-256 of its password; null: it has none. */
  passwordHash: Buffer | null;
  /** `device.owned_since` as the database writes it: compared, never read. */
  ownedSince: string;
}

/** SQL: a `MqttSignIn` of device `d`. One that is out of use signs in with nothing. */
export const SIGN_IN = `CASE WHEN d.deactivated_at IS NULL THEN d.mqtt_password_hash END AS "passwordHash", d.owned_since::text AS "ownedSince"`;

/** Devices as the embedded MQTT broker knows them. */
@Injectable()
export class MqttSignInRepository {
  constructor(private readonly database: Database) {}

  /** Of those of the tokens that are registered. */
  async of(tokens: readonly string[]): Promise<Map<string, MqttSignIn>> {
    const rows = await this.database.query<MqttSignIn & { token: string }>(
      `SELECT d.token, ${SIGN_IN} FROM device d WHERE d.token = ANY($1::text[])`,
      [tokens],
      'mqtt_sign_ins_of',
    );
    return new Map(rows.map(({ token, ...signIn }) => [token, signIn]));
  }
}
