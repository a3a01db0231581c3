import { DEVICE_TOKEN } from '#contracts';

/** Who is connected: the center itself, or a device under its token. */
export type Peer = { kind: 'center' } | { kind: 'device'; token: string };

/** No token holds this character, so no device can take the name. */
export const CENTER_USER = '@center';

const MESSAGES_OF_DEVICE = /^device\/([^/]+)\/msg$/;
const CENTER_FILTERS: ReadonlySet<string> = new Set(['device/+/ack', 'device/+/hello']);
/** A device has little to say, octets. */
const MAX_WORD = 4_096;

/** What is published under it is passed over: nobody may listen there. */
export const UNHEARD = 'unheard';

/** The topic of the messages for a device. */
export const messagesTo = (token: string): string => `device/${token}/msg`;

/** The device for which a topic is, or null where it is no topic of messages. */
export function deviceOf(topic: string): string | null {
  const token = MESSAGES_OF_DEVICE.exec(topic)?.[1];
  return token !== undefined && DEVICE_TOKEN.test(token) ? token : null;
}

/** The center writes to devices; a device speaks for itself and for nobody else. */
export function mayPublish(peer: Peer, topic: string): boolean {
  if (peer.kind === 'center') return deviceOf(topic) !== null;
  return topic === `device/${peer.token}/ack` || topic === `device/${peer.token}/hello`;
}

/** What is no word of a device is passed over. @param size octets of the payload */
export const isHeard = (peer: Peer, size: number): boolean => peer.kind === 'center' || size <= MAX_WORD;

/** A device hears what is for it; what is sent without any guarantee (QoS 0) could never be told from what got lost. */
export function maySubscribe(peer: Peer, filter: string, qos: number): boolean {
  if (peer.kind === 'center') return CENTER_FILTERS.has(filter);
  return qos > 0 && filter === messagesTo(peer.token);
}
