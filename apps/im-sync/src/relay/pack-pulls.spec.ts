import { describe, expect, it } from '@jest/globals';
import type { PulledMailbox } from '#entities';
import { packPulls } from './pack-pulls.js';

const mailbox = (pullId: number, contents: string[]): PulledMailbox => ({
  isEntitled: true,
  pullId,
  entries: contents.map((content) => ({ time: 1, sender: 's', receiver: 'r', redirect: null, body: { content } })),
});

describe('packPulls', () => {
  it('leaves out the messages of what no longer fits, and of nothing else', () => {
    const refused: PulledMailbox = { isEntitled: false, pullId: null, entries: null };
    const packed = packPulls([mailbox(1, ['a']), mailbox(2, ['b'.repeat(500)]), refused, mailbox(3, ['c'])], 250);
    expect(packed).toEqual([
      mailbox(1, ['a']),
      { isEntitled: true, pullId: 2 },
      { isEntitled: false, pullId: null },
      mailbox(3, ['c']),
    ]);
  });
});
