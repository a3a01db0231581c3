import { DEVICE_SEPARATOR, isToDevice } from '#contracts';
import type { DeviceRow, DueDelivery } from '#entities';
import type { OutboundDevice, Outcome } from '#providers';
import type { DoneDelivery } from '../delivery/done-delivery.js';
import type { Outgoing } from '../delivery/outgoing.js';
import { mergeDevices } from './merge-devices.policy.js';

const UNKNOWN: Outcome = {
  class: 'bad_recipient',
  code: 'unknown_device',
  words: 'the device is not registered any more, or for somebody else',
  isAddressKept: true,
};
const INACTIVE: Outcome = {
  class: 'bad_recipient',
  code: 'device_inactive',
  words: 'the device is out of use: register it again',
  isAddressKept: true,
};

export const tokensOf = ({ address }: Pick<DueDelivery, 'address'>): string[] => address.split(DEVICE_SEPARATOR);

/**
 * A batch of channel `push`, split into sends to single devices and put together again. A send to one of several devices carries
 * a copy of its delivery, so that it is told from those to the others.
 */
export class DeviceBatch {
  readonly outgoing: Outgoing[] = [];
  /** Ended without a call. */
  readonly done: DoneDelivery[] = [];
  private readonly originals = new Map<DueDelivery, DueDelivery>();

  /**
   * @param devices those of the tokens that are registered
   * @param plain tokens that nobody registered as a device, but that are an address of somebody
   */
  constructor(
    items: readonly Outgoing[],
    private readonly devices: ReadonlyMap<string, DeviceRow>,
    private readonly plain: ReadonlySet<string>,
  ) {
    for (const item of items) for (const token of tokensOf(item.delivery)) this.add(item, token);
  }

  /** One outcome a delivery, in the order in which the deliveries come first; what is no part of the batch stays as it is. */
  together(done: readonly DoneDelivery[]): DoneDelivery[] {
    const groups = new Map<DueDelivery, [DoneDelivery, ...DoneDelivery[]]>();
    for (const item of done) {
      const original = this.originals.get(item.delivery) ?? item.delivery;
      const group = groups.get(original);
      if (group) group.push(item);
      else groups.set(original, [item]);
    }
    return [...groups].map(([delivery, items]) => {
      const merged = mergeDevices(items);
      return merged.delivery === delivery ? merged : { ...merged, delivery };
    });
  }

  private add(item: Outgoing, token: string): void {
    const device = this.devices.get(token);
    const one = token === item.delivery.address ? this.itself(item, device) : this.copy(item, token, device);
    const refusal = this.refusalOf(item, token, device);
    if (refusal === null) this.outgoing.push(one);
    else this.done.push(untried(one, refusal));
  }

  /** The usual case: a delivery to one device. */
  private itself(item: Outgoing, device: DeviceRow | undefined): Outgoing {
    if (!device) return item;
    item.device = device;
    item.outbound.device = outboundDevice(device);
    return item;
  }

  private copy(item: Outgoing, token: string, device: DeviceRow | undefined): Outgoing {
    const delivery = { ...item.delivery };
    this.originals.set(delivery, item.delivery);
    const outbound = { ...item.outbound, address: token, ...(device ? { device: outboundDevice(device) } : {}) };
    return { ...item, delivery, outbound, address: token, ...(device ? { device } : {}) };
  }

  private refusalOf(item: Outgoing, token: string, device: DeviceRow | undefined): Outcome | null {
    if (device && !isMeant(item, device)) return UNKNOWN;
    if (device) return device.deactivatedAt === null ? null : INACTIVE;
    const { delivery } = item;
    // An address that the caller gave needs no registration; a device that was found by the fan-out does.
    const isGiven = delivery.recipient === '' && !isToDevice(delivery.seq);
    return isGiven || this.plain.has(token) ? null : UNKNOWN;
  }
}

/** A device may have changed hands since: what was for its owner of then, or for whoever had it then, is not for the one of now. */
const isMeant = ({ delivery, message }: Outgoing, { userId, ownedSince }: DeviceRow): boolean =>
  delivery.recipient === '' ? ownedSince <= message.accepted_at : delivery.recipient === userId;

/** What the provider is told of a device. */
export const outboundDevice = ({ platform, isTest, subscription }: DeviceRow): OutboundDevice => ({
  platform,
  isTest,
  ...(subscription ? { subscription } : {}),
});

const untried = ({ delivery, message, address }: Outgoing, outcome: Outcome): DoneDelivery => ({
  delivery,
  message,
  account: null,
  outcome,
  startedAt: Date.now(),
  isUntried: true,
  address,
});
