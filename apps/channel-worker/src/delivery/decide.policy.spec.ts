import { describe, expect, it } from '@jest/globals';
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
    expect(decide({ class: 'ok' }, context())).toEqual({ kind: 'settle', status: 'sent', awaitProofMs: null });
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

  it.each(['bad_recipient', 'bad_content'] as const)('never retries %s', (name) => {
    expect(decide({ class: name }, context())).toEqual({ kind: 'settle-failed', status: 'failed', mayFallBack: false });
    expect(decide({ class: name }, context({ mode: 'any' }))).toMatchObject({ mayFallBack: true });
  });

  it('retries an unknown outcome only where the provider cannot reach the person twice', () => {
    expect(decide({ class: 'unknown_outcome' }, context({ isIdempotent: true }))).toMatchObject({ kind: 'retry' });
    expect(decide({ class: 'unknown_outcome' }, context())).toMatchObject({ kind: 'settle-failed', status: 'unknown' });
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

  it('tries again soon after a token was renewed', () => {
    expect(decide({ class: 'auth_refresh' }, context())).toMatchObject({ kind: 'retry', delayMs: 1_000 });
  });
});
