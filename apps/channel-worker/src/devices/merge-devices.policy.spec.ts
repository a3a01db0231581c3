import { describe, expect, it } from '@jest/globals';
import type { DueDelivery, MessageForSending } from '#entities';
import type { ChannelProvider, Outcome } from '#providers';
import type { OpenAccount } from '../accounts/accounts.service.js';
import type { DoneDelivery } from '../delivery/done-delivery.js';
import { mergeDevices } from './merge-devices.policy.js';

const delivery = { message_id: 'm', seq: 0, address: 'a,b' } as DueDelivery;
const account = { id: 'push:x', provider: { name: 'x' } as ChannelProvider } as OpenAccount;
const of = (address: string, outcome: Outcome, over: object = {}): DoneDelivery => ({
  delivery,
  message: {} as MessageForSending,
  account,
  outcome,
  startedAt: 0,
  address,
  ...over,
});
const merged = (...items: [DoneDelivery, ...DoneDelivery[]]): unknown => mergeDevices(items);

describe('the devices of a person', () => {
  it('have reached him where one of them took it, and the proof goes before the promise', () => {
    const taken = of('b', { class: 'ok', providerRef: 'r' });
    expect(merged(of('a', { class: 'bad_content' }), taken, of('c', { class: 'ok', providerRef: 's' }))).toEqual(taken);
    const proven = of('c', { class: 'ok', proves: 'delivered' });
    expect(merged(taken, proven)).toEqual(proven);
  });

  it('are tried again where one of them may take it later, and else have failed', () => {
    const retry = of('b', { class: 'retry' });
    expect(merged(of('a', { class: 'bad_content' }), retry)).toEqual(retry);
    expect(merged(of('a', { class: 'rate_limited' }), retry)).toEqual(retry);
    const refused = of('a', { class: 'bad_content', code: 'x' });
    expect(merged(refused, of('b', { class: 'bad_recipient', isAddressKept: true }))).toEqual(refused);
  });

  it('do not count as asked where they were not, if another one was', () => {
    const inactive = of('a', { class: 'bad_recipient', isAddressKept: true }, { account: null, isUntried: true });
    const refused = of('b', { class: 'bad_recipient', isAddressKept: true });
    expect(merged(inactive, refused)).toEqual(refused);
  });

  it('that are dead are named, whatever becomes of the others', () => {
    const deadSince = new Date('2026-01-01T00:00:00Z');
    expect(
      merged(
        of('a', { class: 'bad_recipient', code: 'Unregistered', deadSince }),
        of('b', { class: 'ok' }),
        of('c', { class: 'bad_recipient' }),
        of('d', { class: 'bad_recipient', isAddressKept: true }),
      ),
    ).toMatchObject({
      outcome: { class: 'ok' },
      deadTokens: [
        { channel: 'push', account: '', address: 'a', reason: 'Unregistered', asOf: '2026-01-01T00:00:00.000Z' },
        { channel: 'push', account: '', address: 'c', reason: 'bad_recipient' },
      ],
    });
  });

  it('are waited for where their turn did not come', () => {
    const waits: DoneDelivery = { delivery, ending: 'put-back', delayMs: 7000 };
    expect(merged(waits, waits)).toEqual(waits);
    expect(merged(waits, of('b', { class: 'bad_content' }))).toMatchObject({
      outcome: { class: 'rate_limited', retryAfterMs: 7000 },
      isUntried: true,
    });
    expect(merged(waits, of('b', { class: 'ok' }))).toMatchObject({ outcome: { class: 'ok' } });
  });

  it('end with what ended all of them', () => {
    const cancelled: DoneDelivery = { delivery, ending: 'cancelled' };
    expect(merged(cancelled, cancelled)).toEqual(cancelled);
    expect(merged(cancelled, of('b', { class: 'ok' }))).toMatchObject({ outcome: { class: 'ok' } });
  });
});
