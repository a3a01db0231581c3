import type { RelayPull } from '#contracts';
import type { PulledMailbox } from '#entities';

/** What an answer may hold of messages; the broker's messages stop at 1 MiB. */
const MAX_BYTES = 768 * 1024;

/** As many mailboxes as fit into one answer; the asker reads the others from the rows of their pulls. */
export function packPulls(mailboxes: readonly PulledMailbox[], maxBytes = MAX_BYTES): RelayPull[] {
  let left = maxBytes;
  return mailboxes.map(({ isEntitled, pullId, entries }) => {
    if (!entries) return { isEntitled, pullId };
    const bytes = Buffer.byteLength(JSON.stringify(entries));
    if (bytes > left) return { isEntitled, pullId };
    left -= bytes;
    return { isEntitled, pullId, entries };
  });
}
