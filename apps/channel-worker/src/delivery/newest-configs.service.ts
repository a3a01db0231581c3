import { Injectable } from '@nestjs/common';
import { DEVICE_STEP, stepOf } from '#contracts';
import { DeviceConfigRepository, type ConfigPush } from '#entities';
import type { DoneDelivery } from './done-delivery.js';
import type { Outgoing } from './outgoing.js';

/** Of config pushes of one app and tag to one device only the newest is worth sending. Other pushes are none of its business. */
@Injectable()
export class NewestConfigs {
  constructor(private readonly configs: DeviceConfigRepository) {}

  /** Remembers those that are sent. Answers what is left; those that a newer one replaces are `done`. */
  async of(outgoing: readonly Outgoing[], done: DoneDelivery[]): Promise<readonly Outgoing[]> {
    const tagged = outgoing.flatMap((item) => {
      const push = configPushOf(item);
      return push ? [{ item, push }] : [];
    });
    if (tagged.length === 0) return outgoing;
    const places = await this.configs.keep(tagged.map(({ push }) => push));
    const replaced = new Set(tagged.filter((_, place) => places.has(place)).map(({ item }) => item));
    for (const { delivery } of replaced) done.push({ delivery, ending: 'replaced' });
    return outgoing.filter((item) => !replaced.has(item));
  }
}

/** Null: no config, without a tag, or to all devices of a person at once. */
function configPushOf({ delivery, message }: Outgoing): ConfigPush | null {
  const { display, tag } = message.content?.payload ?? {};
  if (display !== 'config' || !tag || stepOf(delivery.seq) !== DEVICE_STEP) return null;
  const { message_id: messageId, seq, address: deviceToken } = delivery;
  return { appId: message.client_app_id, tag, deviceToken, messageId, seq };
}
