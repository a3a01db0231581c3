import { describe, expect, it } from '@jest/globals';
import type { ProviderInbox, ProviderNews } from '../port/channel-provider.port.js';
import { InboxFeed } from './inbox-feed.js';

const receipt = (providerRef: string): { receipt: { providerRef: string; status: 'delivered' } } => ({
  receipt: { providerRef, status: 'delivered' },
});

function listening(): { feed: InboxFeed; taken: string[][] } {
  const taken: string[][] = [];
  const inbox = {
    take: async (_: string, { receipts = [] }: ProviderNews) => {
      taken.push(receipts.map(({ providerRef }) => providerRef));
    },
  } as ProviderInbox;
  return { feed: new InboxFeed(inbox, 'a'), taken };
}

describe('inbox feed', () => {
  it('hands over together what came in one turn', async () => {
    const { feed, taken } = listening();
    await Promise.all([feed.add(receipt('1')), feed.add(receipt('2'))]);
    expect(taken).toEqual([['1', '2']]);
  });

  it('takes what is added at the moment the one before is stored', async () => {
    const { feed, taken } = listening();
    await feed.add(receipt('1'));
    void feed.add(receipt('2'));
    await feed.drained();
    expect(taken).toEqual([['1'], ['2']]);
  });
});
