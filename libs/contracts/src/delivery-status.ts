/**
 * States of a delivery. The number is what the table stores; its tens are the rank.
 * A delivery moves to a higher rank only, so a late or repeated word about it can never undo what is known.
 */
export const DELIVERY_STATUS = {
  pending: 0,
  sending: 10,
  retrying: 11,
  sent: 20,
  unknown: 30,
  failed: 31,
  expired: 32,
  delivered: 40,
  read: 50,
  cancelled: 60,
  suppressed: 61,
  skipped: 62,
} as const;

export type DeliveryStatus = keyof typeof DELIVERY_STATUS;

const NAMES = new Map<number, DeliveryStatus>(
  Object.entries(DELIVERY_STATUS).map(([name, code]) => [code, name as DeliveryStatus]),
);

export const DELIVERY_STATUSES = Object.keys(DELIVERY_STATUS) as DeliveryStatus[];

/** Throws on a code that no version ever wrote: such a row is a bug, not a state. */
export function deliveryStatusName(code: number): DeliveryStatus {
  const name = NAMES.get(code);
  if (!name) throw new RangeError(`no delivery status has the code ${code}`);
  return name;
}

export const rankOf = (status: DeliveryStatus): number => Math.floor(DELIVERY_STATUS[status] / 10);
