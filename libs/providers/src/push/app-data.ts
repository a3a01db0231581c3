import type { OutboundDelivery } from '../port/channel-provider.port.js';
import type { PushMessage } from './push-message.js';

/**
 * What the program on the device is given beside what the system shows: `ref` to acknowledge and to tell a repetition, `kind`, and
 * what there is of `custom`, `body` (a config's) and `url`. Values of `custom` that are no text stay JSON.
 */
export function appDataOf({ kind, custom, body, url }: PushMessage, ref: string | undefined): Record<string, unknown> {
  return {
    ...(ref !== undefined && { ref }),
    kind,
    ...(custom !== undefined && { custom }),
    ...(kind === 'config' && body !== undefined && { body }),
    ...(url !== undefined && { url }),
  };
}

/** The same for vendors that take text only: what is none is JSON in it. */
export const textDataOf = (message: PushMessage, ref: string | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(appDataOf(message, ref)).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

/** Seconds for which a provider is to keep it, at most `maxS`; undefined where the message does not say. */
export function keptForS({ expiresAt }: OutboundDelivery, maxS: number, nowMs = Date.now()): number | undefined {
  if (expiresAt === undefined) return undefined;
  return Math.min(Math.max(0, Math.ceil((expiresAt.getTime() - nowMs) / 1000)), maxS);
}
