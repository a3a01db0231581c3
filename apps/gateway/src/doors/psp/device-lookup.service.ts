import { Injectable } from '@nestjs/common';
import { DeviceRepository, type DeviceRow } from '#entities';
import { Batcher } from '#messaging';

/** Tokens of one statement. */
const TOKENS_AT_A_TIME = 500;

/** Devices by their tokens; calls that ask at the same time share one question to the database. */
@Injectable()
export class DeviceLookup {
  private readonly together = new Batcher<string, DeviceRow | null>({
    maxBatch: TOKENS_AT_A_TIME,
    flush: async (tokens) => {
      const found = new Map((await this.devices.ofTokens([...new Set(tokens)])).map((row) => [row.token, row]));
      return tokens.map((token) => ({ value: found.get(token) ?? null }));
    },
  });

  constructor(private readonly devices: DeviceRepository) {}

  /** Also one that is out of use. Null: unknown, or another app's. */
  async find(token: string, appId: string): Promise<DeviceRow | null> {
    const device = await this.together.add(token);
    return device && (device.appId === '' || device.appId === appId) ? device : null;
  }
}
