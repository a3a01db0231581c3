import { OUTGOING_CHANNELS } from '#contracts';
import { describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import type { ChannelProvider } from '../port/channel-provider.port.js';
import type { SandboxMessage, SandboxReceipt, SandboxStore } from '../port/sandbox-store.port.js';
import { SandboxFactory } from './sandbox.factory.js';
import { SANDBOX_RECIPIENTS, sandboxRecipientOf } from './sandbox.outcomes.js';

class KeptInMemory implements SandboxStore {
  readonly messages: SandboxMessage[] = [];
  readonly receipts: SandboxReceipt[] = [];
  store(messages: readonly SandboxMessage[]): Promise<void> {
    this.messages.push(...messages);
    return Promise.resolve();
  }
  scheduleReceipts(receipts: readonly SandboxReceipt[]): Promise<void> {
    this.receipts.push(...receipts);
    return Promise.resolve();
  }
}

const brokenStore: SandboxStore = {
  store: () => Promise.reject(new Error('no database')),
  scheduleReceipts: () => Promise.reject(new Error('no database')),
};

const open = (
  store: SandboxStore,
  channel: 'mail' | 'sms' | 'webhook' | 'wecom' = 'mail',
  settings = {},
): ChannelProvider => new SandboxFactory(store).create({ id: 'acct-canary-2', channel, provider: 'sandbox', settings });
const never = new AbortController().signal;

it('keeps the addresses it refuses: they are refused to order, every time', () => {
  for (const { outcome } of SANDBOX_RECIPIENTS)
    if (outcome.class === 'bad_recipient') expect(outcome.isAddressKept).toBe(true);
  expect(SANDBOX_RECIPIENTS.some(({ outcome }) => outcome.class === 'bad_recipient')).toBe(true);
});

describe('sandbox', () => {
  itIsAChannelProvider(() => {
    const store = new KeptInMemory();
    return Promise.resolve({
      provider: open(store),
      goodAddress: (n) => `good${n}@x.test`,
      refusedAddress: 'fail@x.test',
      silentAddress: 'slow@x.test',
      unreachable: open(brokenStore),
      secrets: [],
      accountId: 'acct-canary-2',
      received: () => JSON.stringify(store.messages),
      close: () => Promise.resolve(),
    });
  });

  it('keeps channel, address, reference and content of what it took', async () => {
    const store = new KeptInMemory();
    const delivery = outbound('a@x.test', { content: { title: 'T', html: '<p>x</p>' } });
    const outcomes = await open(store).send([delivery], never);
    expect(outcomes).toEqual([{ class: 'ok', providerRef: delivery.ref }]);
    expect(store.messages).toEqual([
      {
        channel: 'mail',
        address: 'a@x.test',
        ref: delivery.ref,
        content: { title: 'T', html: '<p>x</p>' },
        at: expect.any(Date),
      },
    ]);
    expect(store.receipts).toEqual([]);
  });

  it('keeps nothing of what it refused and everything of what it took without answering', async () => {
    const store = new KeptInMemory();
    const names = ['fail', 'badcontent', 'badconfig', 'flaky', 'limit', 'unknown', 'read'];
    await open(store).send(
      names.map((name) => outbound(`${name}@x.test`)),
      never,
    );
    expect(store.messages.map(({ address }) => address)).toEqual(['unknown@x.test', 'read@x.test']);
  });

  it.each(SANDBOX_RECIPIENTS.filter(({ afterMs }) => afterMs === undefined))(
    'plays $word: $meaning',
    async ({ word, phone, outcome, receipts }) => {
      for (const [channel, address] of [
        ['mail', `${word}@x.test`],
        ['mail', `${word.toUpperCase()}+tag@x.test`],
        ['sms', phone],
        ['sms', `+86${phone}`],
        ['webhook', `https://x.test/hooks/${word}`],
        ['wecom', `${word}-1`],
      ] as const) {
        const store = new KeptInMemory();
        const delivery = outbound(address);
        const [answer] = await open(store, channel).send([delivery], never);
        expect(answer).toMatchObject(outcome);
        expect(store.receipts).toEqual((receipts ?? []).map((receipt) => ({ ref: delivery.ref, ...receipt })));
      }
    },
  );

  it.each(['failure@x.test', 'unfail@x.test', 'x@fail.test', 'thread@x.test', 'fail.x@x.test'])(
    'treats %s as anybody',
    (address) => {
      expect(sandboxRecipientOf('mail', address)).toBeUndefined();
    },
  );

  it.each(['https://x.test/failure', 'unfailing', 'oFAILx'])('does not find a word inside another in %s', (address) => {
    expect(sandboxRecipientOf('webhook', address)).toBeUndefined();
  });

  it('takes flaky on the third attempt', async () => {
    const provider = open(new KeptInMemory());
    const classes: (string | undefined)[] = [];
    for (const attempt of [1, 2, 3, 4]) {
      const [outcome] = await provider.send([outbound('flaky@x.test', { attempt })], never);
      classes.push(outcome?.class);
    }
    expect(classes).toEqual(['retry', 'retry', 'ok', 'ok']);
  });

  it('limits a delivery once, although a rate limit is no attempt', async () => {
    const provider = open(new KeptInMemory());
    const delivery = outbound('limit@x.test');
    const [first] = await provider.send([delivery], never);
    const [second] = await provider.send([delivery], never);
    expect(first).toMatchObject({ class: 'rate_limited', retryAfterMs: 2000 });
    expect(second?.class).toBe('ok');
  });

  it('serves every outgoing channel', async () => {
    const factory = new SandboxFactory(new KeptInMemory());
    expect(factory.channels).toEqual(OUTGOING_CHANNELS);
    for (const channel of factory.channels) {
      const provider = factory.create({ id: 'a', channel, provider: 'sandbox', settings: {} });
      expect(provider.channel).toBe(channel);
      await expect(provider.send([outbound('anybody')], never)).resolves.toMatchObject([{ class: 'ok' }]);
    }
  });
});
