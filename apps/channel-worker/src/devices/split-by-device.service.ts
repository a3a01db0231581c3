import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { DeviceRepository } from '#entities';
import type { Outgoing } from '../delivery/outgoing.js';
import { DeviceBatch, tokensOf } from './device-batch.js';

/** Looks up the devices behind deliveries of channel `push`. */
@Injectable()
export class SplitByDevice {
  constructor(private readonly devices: DeviceRepository) {}

  /** Null: a channel whose deliveries have one address each. */
  async split(channel: Channel, items: readonly Outgoing[]): Promise<DeviceBatch | null> {
    if (channel !== 'push') return null;
    const tokens = [...new Set(items.flatMap(({ delivery }) => tokensOf(delivery)))];
    if (tokens.length === 0) return new DeviceBatch(items, new Map(), new Set());
    const devices = new Map((await this.devices.ofTokens(tokens)).map((device) => [device.token, device]));
    const others = tokens.filter((token) => !devices.has(token));
    const plain = others.length > 0 ? await this.devices.addressesAmong(others) : new Set<string>();
    return new DeviceBatch(items, devices, plain);
  }
}
