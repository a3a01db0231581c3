import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '#providers';
import { decide, RETRY_LADDER_MS, type DeliveryContext } from './decide.policy.js';

const context = (over: Partial<DeliveryContext> = {}): DeliveryContext => ({
  mode: 'list',
  triesBefore: 0,
  elapsedMs: 0,
  isIdempotent: false,
  ...over,
});

describe('what follows from an outcome', () => {
  it('settles what the provider took as sent, and as delivered where its answer proves it', () => {
    expect(decide({ class: 'ok' }, context())).toEqual({
      kind: 'settle',
      status: 'sent',
      awaitProofMs: null,
      awaitReceiptMs: null,
    });
    expect(decide({ class: 'ok', proves: 'delivered' }, context())).toMatchObject({ status: 'delivered' });
  });

  it('awaits the proof that smart mode asks for, and only if the answer does not give it', () => {
    const proof = { successWhen: 'delivered', withinS: 30 } as const;
    expect(decide({ class: 'ok' }, context({ mode: 'smart', proof }))).toMatchObject({ awaitProofMs: 30_000 });
    expect(decide({ class: 'ok', proves: 'delivered' }, context({ mode: 'smart', proof }))).toMatchObject({
      awaitProofMs: null,
    });
    const atSent = { successWhen: 'sent', withinS: 30 } as const;
    expect(decide({ class: 'ok' }, context({ mode: 'smart', proof: atSent }))).toMatchObject({ awaitProofMs: null });
  });

  it('awaits a receipt where another account could take over, and nothing else already speaks for the delivery', () => {
    const settled = (outcome: Outcome, over: Partial<DeliveryContext>): object =>
      decide(outcome, context({ receiptWithinS: 300, ...over }));
    const proof = { successWhen: 'delivered', withinS: 30 } as const;
    expect(settled({ class: 'ok' }, {})).toMatchObject({ awaitReceiptMs: 300_000 });
    expect(settled({ class: 'ok', proves: 'delivered' }, {})).toMatchObject({ awaitReceiptMs: null });
    expect(settled({ class: 'ok' }, { mode: 'smart', proof })).toMatchObject({
      awaitProofMs: 30_000,
      awaitReceiptMs: null,
    });
  });

  it.each(['bad_recipient', 'bad_content'] as const)('never retries %s', (name) => {
    expect(decide({ class: name }, context())).toEqual({ kind: 'settle-failed', status: 'failed', mayFallBack: false });
    expect(decide({ class: name }, context({ mode: 'any' }))).toMatchObject({ mayFallBack: true });
  });

  it('retries an unknown outcome only where the provider cannot reach the person twice', () => {
    expect(decide({ class: 'unknown_outcome' }, context({ isIdempotent: true }))).toMatchObject({ kind: 'retry' });
    expect(decide({ class: 'unknown_outcome' }, context())).toMatchObject({ kind: 'settle-failed', status: 'unknown' });
  });

  it('asks what became of an unknown outcome where it can, and only if the same reference may not simply be sent again', () => {
    const unknown = { class: 'unknown_outcome', code: 'timeout', ask: { ref: 'r1', afterMs: 5_000 } } as const;
    expect(decide(unknown, context())).toEqual({ kind: 'ask', ref: 'r1', afterMs: 5_000, mayFallBack: false });
    expect(decide(unknown, context({ mode: 'any' }))).toMatchObject({ kind: 'ask', mayFallBack: false });
    expect(decide(unknown, context({ isIdempotent: true }))).toMatchObject({ kind: 'retry' });
  });

  it('climbs the ladder and stays on its last step', () => {
    const delays = [0, 1, 2, 3, 4, 5, 99].map((triesBefore) => decide({ class: 'retry' }, context({ triesBefore })));
    expect(delays.map((d) => (d.kind === 'retry' ? d.delayMs : null))).toEqual([
      ...RETRY_LADDER_MS,
      3_600_000,
      3_600_000,
    ]);
  });

  it('waits at least as long as the provider asks', () => {
    expect(decide({ class: 'retry', retryAfterMs: 90_000 }, context())).toMatchObject({ delayMs: 90_000 });
    expect(decide({ class: 'rate_limited', retryAfterMs: 90_000 }, context())).toMatchObject({
      delayMs: 90_000,
      isCounted: false,
    });
    expect(decide({ class: 'rate_limited' }, context())).toMatchObject({ delayMs: 60_000 });
  });

  it('gives a channel of any or smart three tries or a minute', () => {
    const any = (over: Partial<DeliveryContext>) => decide({ class: 'retry' }, context({ mode: 'any', ...over }));
    expect(any({ triesBefore: 1 })).toMatchObject({ mayFallBack: false });
    expect(any({ triesBefore: 2 })).toMatchObject({ mayFallBack: true });
    expect(any({ elapsedMs: 60_000 })).toMatchObject({ mayFallBack: true });
    expect(decide({ class: 'retry' }, context({ triesBefore: 9, elapsedMs: 1e9 }))).toMatchObject({
      mayFallBack: false,
    });
  });

  it('leaves a wrongly set up account at once where there is another channel, and waits where there is none', () => {
    expect(decide({ class: 'bad_config' }, context({ mode: 'any' }))).toMatchObject({
      kind: 'retry',
      mayFallBack: true,
    });
    expect(decide({ class: 'bad_config' }, context())).toMatchObject({ kind: 'retry', mayFallBack: false });
  });

  it('goes to the next account at once from one that is wrongly set up, then along the ladder to the next channel', () => {
    const refused = (triesBefore: number): object =>
      decide({ class: 'bad_config' }, context({ mode: 'any', hasOtherAccount: true, triesBefore }));
    const counted = { kind: 'retry', isCounted: true };
    expect(refused(0)).toEqual({ ...counted, delayMs: 0, mayFallBack: false });
    expect(refused(1)).toEqual({ ...counted, delayMs: 30_000, mayFallBack: false });
    expect(refused(2)).toMatchObject({ ...counted, mayFallBack: true });
  });

  it('leaves a channel whose accounts all are stopped at once where there is another, and waits without counting where not', () => {
    const stopped = { class: 'bad_config', code: 'account_stopped', retryAfterMs: 600_000 } as const;
    const decision = { kind: 'retry', delayMs: 600_000, isCounted: false };
    expect(decide(stopped, context({ isUntried: true }))).toEqual({ ...decision, mayFallBack: false });
    expect(decide(stopped, context({ isUntried: true, mode: 'any' }))).toEqual({ ...decision, mayFallBack: true });
  });

  it.each([
    [30_000, 0, false],
    [30_000, 31_000, true],
    [60_000, 0, false],
    [60_001, 0, true],
    [7_200_000, 0, true],
  ])(
    'rate limited for %d ms after %d ms: the channel is left where its minute would be over before (%p)',
    (retryAfterMs, elapsedMs, mayFallBack) => {
      expect(decide({ class: 'rate_limited', retryAfterMs }, context({ mode: 'any', elapsedMs }))).toMatchObject({
        mayFallBack,
        isCounted: false,
      });
    },
  );

  it('tries again soon after a token was renewed', () => {
    expect(decide({ class: 'auth_refresh' }, context())).toMatchObject({ kind: 'retry', delayMs: 1_000 });
  });

  it.each(['retry', 'rate_limited', 'auth_refresh', 'bad_config', 'bad_recipient', 'bad_content'] as const)(
    'ends what may be tried once only as failed after %s, whatever else there would be to try',
    (name) => {
      const over = { isOnce: true, hasOtherAccount: true, isUntried: true };
      expect(decide({ class: name }, context(over))).toEqual({
        kind: 'settle-failed',
        status: 'failed',
        mayFallBack: false,
      });
    },
  );

  it('ends what may be tried once only as unknown where nobody knows, though it could be asked or sent again', () => {
    const unknown = { class: 'unknown_outcome', ask: { ref: 'r1', afterMs: 5_000 } } as const;
    for (const isIdempotent of [true, false])
      expect(decide(unknown, context({ isOnce: true, isIdempotent }))).toMatchObject({ status: 'unknown' });
    expect(decide({ class: 'ok' }, context({ isOnce: true }))).toMatchObject({ kind: 'settle', status: 'sent' });
  });
});
