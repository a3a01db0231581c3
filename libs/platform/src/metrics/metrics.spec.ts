import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

describe('Metrics', () => {
  it('exposes every figure under its published name, and those of the process', async () => {
    const metrics = new Metrics();
    metrics.accepted.inc({ door: 'msg' });
    metrics.possibleDuplicates.inc({ channel: 'sms' });
    metrics.callbacks.inc({ outcome: 'ok' });
    metrics.unknownOutcomes.inc({ channel: 'sms', provider: 'smpp' }, 3);
    metrics.accountState.set({ account: 'sms:main', state: 'open' }, 1);
    metrics.accountParked.set({ account: 'sms:main' }, 30);
    metrics.deadLetters.set(2);
    metrics.queueAge.set({ channel: 'mail' }, 1.5);
    metrics.batchSize.observe({ stage: 'intake' }, 40);
    metrics.recordAttempt('mail', 'smtp', 0.2, ['ok', 'ok', 'retry']);
    const text = await metrics.exposition();
    for (const line of [
      'mc_accepted_total{door="msg"} 1',
      'mc_possible_duplicates_total{channel="sms"} 1',
      'mc_callbacks_total{outcome="ok"} 1',
      'mc_unknown_outcomes_total{channel="sms",provider="smpp"} 3',
      'mc_account_state{account="sms:main",state="open"} 1',
      'mc_account_parked{account="sms:main"} 30',
      'mc_dead_letters 2',
      'mc_queue_age_seconds{channel="mail"} 1.5',
      'mc_batch_size_bucket{le="50",stage="intake"} 1',
      'mc_deliveries_total{channel="mail",outcome="ok"} 2',
      'mc_deliveries_total{channel="mail",outcome="retry"} 1',
      'mc_attempt_duration_seconds_count{channel="mail",provider="smtp"} 1',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('keeps the figures of two instances in one process apart', async () => {
    const [one, two] = [new Metrics(), new Metrics()];
    one.accepted.inc({ door: 'im' });
    expect(await one.exposition()).toContain('mc_accepted_total{door="im"} 1');
    expect(await two.exposition()).not.toContain('door="im"');
  });
});
