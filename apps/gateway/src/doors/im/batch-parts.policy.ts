import type { ImSendBatchV1 } from '#contracts';

/** Recipients of one request to im-sync, and what its payload comes to once for each, in characters. */
const MAX_RECIPIENTS = 10_000;
const MAX_COPIES = 64 * 1024 * 1024;

/** A batch of any size as requests that are answered within a time to be foreseen, so that others get their turn in between. */
export function partsOf({ subscribers, ...batch }: ImSendBatchV1): ImSendBatchV1[] {
  const size = Math.max(1, Math.min(MAX_RECIPIENTS, Math.floor(MAX_COPIES / batch.payload.length)));
  const parts: ImSendBatchV1[] = [];
  for (let from = 0; from < subscribers.length; from += size) {
    parts.push({ ...batch, subscribers: subscribers.slice(from, from + size) });
  }
  return parts;
}
