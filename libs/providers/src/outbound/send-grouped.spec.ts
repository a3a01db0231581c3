import { describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import type { OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { sendGrouped, type Grouping } from './send-grouped.js';

const grouping: Grouping = {
  refusalOf: ({ address }) => (address === 'everybody' ? { class: 'bad_recipient', code: 'bad_address' } : null),
  keyOf: ({ content }) => content.text ?? '',
  recipientOf: ({ address }) => address.toLowerCase(),
  maxRecipients: 4,
  gate: new ConcurrencyGate(2),
};
const to = (address: string, text = 'x'): OutboundDelivery => outbound(address, { content: { text } });
const addressed = (group: readonly OutboundDelivery[]): Outcome[] =>
  group.map(({ address }) => ({ class: 'ok', providerRef: address }));
/** Addresses of every call. */
async function callsFor(batch: OutboundDelivery[]): Promise<string[]> {
  const calls: string[] = [];
  const outcomes = await sendGrouped(batch, grouping, (group) => {
    calls.push(group.map(({ address }) => address).join(','));
    return Promise.resolve(addressed(group));
  });
  expect(outcomes.map(({ providerRef }) => providerRef)).toEqual(batch.map(({ address }) => address));
  return calls;
}

describe('sending in groups', () => {
  it('puts recipients of one content into one call', async () => {
    await expect(callsFor([to('a'), to('b', 'y'), to('c'), to('d', 'y')])).resolves.toEqual(['a,c', 'b,d']);
  });

  it('keeps to the size of a call', async () => {
    await expect(callsFor(['a', 'b', 'c', 'd', 'e'].map((address) => to(address)))).resolves.toEqual(['a,b,c,d', 'e']);
  });

  it('never names a person twice in one call', async () => {
    await expect(callsFor([to('a'), to('A'), to('b'), to('a')])).resolves.toEqual(['a,b', 'A', 'a']);
  });

  it('does not call for what may not be sent', async () => {
    let called = 0;
    const outcomes = await sendGrouped([to('everybody'), to('a')], grouping, (group) => {
      called += group.length;
      return Promise.resolve(addressed(group));
    });
    expect(outcomes).toEqual([
      { class: 'bad_recipient', code: 'bad_address' },
      { class: 'ok', providerRef: 'a' },
    ]);
    expect(called).toBe(1);
  });

  it('finds the one for whose sake a group is refused', async () => {
    let calls = 0;
    const batch = ['a', 'b', 'bad', 'c'].map((address) => to(address));
    const outcomes = await sendGrouped(batch, grouping, (group) => {
      calls++;
      const isRefused = group.some(({ address }) => address === 'bad');
      if (!isRefused) return Promise.resolve(addressed(group));
      return Promise.resolve(group.length > 1 ? 'blames_one' : [{ class: 'bad_recipient' }]);
    });
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['ok', 'ok', 'bad_recipient', 'ok']);
    expect(calls).toBe(5);
  });

  it('keeps all batches of an account within its gate', async () => {
    const shared = { ...grouping, gate: new ConcurrencyGate(3) };
    let running = 0;
    let most = 0;
    const send = async (group: readonly OutboundDelivery[]): Promise<Outcome[]> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return addressed(group);
    };
    const batches = Array.from({ length: 4 }, (_, i) => Array.from({ length: 5 }, (_, j) => to('x', `${i} ${j}`)));
    await Promise.all(batches.map((batch) => sendGrouped(batch, shared, send)));
    expect(most).toBe(3);
  });

  it('admits that it does not know what became of a delivery without an outcome', async () => {
    const outcomes = await sendGrouped([to('a'), to('b')], grouping, () => Promise.resolve([{ class: 'ok' }]));
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['ok', 'unknown_outcome']);
  });

  it('stops calling once the account is held back', async () => {
    let calls = 0;
    const batch = ['a', 'b', 'c', 'd', 'e'].map((text) => to('x', text));
    const outcomes = await sendGrouped(batch, { ...grouping, gate: new ConcurrencyGate(1) }, (group) => {
      calls++;
      const held: Outcome = { class: 'rate_limited', retryAfterMs: 9, isAccountWide: true };
      return Promise.resolve(calls < 2 ? addressed(group) : [held]);
    });
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['ok', ...Array<string>(4).fill('rate_limited')]);
    expect(calls).toBe(2);
  });
});
