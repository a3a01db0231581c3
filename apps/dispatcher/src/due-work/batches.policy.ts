import { BATCH_DELIVERIES } from '#contracts';
import { groupBy } from './group-by.js';

/** Work that is marked as handed over and still to be published. */
export interface Handed {
  id: number;
  channel: string;
  app_id: string;
  /** Deliveries. */
  size: number;
}

/** One piece of work of each app in turn, so that no app stands in front of the others. */
export function inTurns<T extends Handed>(items: readonly T[]): T[] {
  const queues = [...groupBy(items, (item) => item.app_id).values()];
  const ordered: T[] = [];
  for (let round = 0; ordered.length < items.length; round++) {
    for (const queue of queues) {
      const item = queue[round];
      if (item) ordered.push(item);
    }
  }
  return ordered;
}

/** Batches of at most `maxDeliveries`, in the order given. A single piece larger than that is a batch of its own. */
export function inBatches<T extends Handed>(items: readonly T[], maxDeliveries: number): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let deliveries = 0;
  for (const item of items) {
    if (batch.length > 0 && (deliveries + item.size > maxDeliveries || batch.length >= BATCH_DELIVERIES)) {
      batches.push(batch);
      batch = [];
      deliveries = 0;
    }
    batch.push(item);
    deliveries += item.size;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}

/** Deliveries of each app. */
export function sizesOf(items: readonly Handed[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { app_id: appId, size } of items) sizes.set(appId, (sizes.get(appId) ?? 0) + size);
  return sizes;
}
