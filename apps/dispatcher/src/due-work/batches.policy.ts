import { groupBy } from './group-by.js';

/** Work that is marked as handed over and still to be published. */
export interface Handed {
  id: number;
  channel: string;
  app_id: string;
  /** Deliveries. */
  size: number;
}

/** Work ids a batch may name; the contract of the event. */
const MAX_IDS = 200;

/**
 * Batches of at most `maxDeliveries`, taking one piece of work of each app in turn, so that within a batch and between
 * batches no app stands in front of the others. A single piece larger than that is a batch of its own.
 */
export function interleave(items: readonly Handed[], maxDeliveries: number): Handed[][] {
  const queues = [...groupBy(items, (item) => item.app_id).values()];
  const batches: Handed[][] = [];
  let batch: Handed[] = [];
  let deliveries = 0;
  for (let round = 0; queues.some((queue) => round < queue.length); round++) {
    for (const queue of queues) {
      const item = queue[round];
      if (!item) continue;
      if (batch.length > 0 && (deliveries + item.size > maxDeliveries || batch.length >= MAX_IDS)) {
        batches.push(batch);
        batch = [];
        deliveries = 0;
      }
      batch.push(item);
      deliveries += item.size;
    }
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
