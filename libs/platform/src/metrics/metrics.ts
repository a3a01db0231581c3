import type { Channel, OutcomeClass } from '#contracts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The figures of one process. Each instance has a registry of its own, so several may live in one process. */
export class Metrics {
  private readonly registry = new Registry();

  readonly accepted = this.counter('mc_accepted_total', 'Messages accepted and committed.', ['door']);
  readonly deliveries = this.counter('mc_deliveries_total', 'Outcomes of delivery attempts.', ['channel', 'outcome']);
  readonly possibleDuplicates = this.counter(
    'mc_possible_duplicates_total',
    'Deliveries sent again although the outcome of the try before is unknown.',
    ['channel'],
  );
  readonly crossChannelDuplicates = this.counter(
    'mc_cross_channel_duplicates_total',
    'Deliveries that turned out to have arrived after their recipient was sent the message through another channel, too.',
    ['channel'],
  );
  readonly unknownOutcomes = this.counter(
    'mc_unknown_outcomes_total',
    'Deliveries of which nobody knows whether the provider took them.',
    ['channel', 'provider'],
  );
  readonly accountState = this.gauge(
    'mc_account_state',
    '1 for the state of a provider account that has had trouble: closed (well), open, half_open, stopped.',
    ['account', 'state'],
  );
  readonly accountParked = this.gauge(
    'mc_account_parked',
    'Seconds until a provider account that is out of quota may be called again; 0: now.',
    ['account'],
  );
  readonly callbacks = this.counter('mc_callbacks_total', 'Status callbacks by outcome.', ['outcome']);
  readonly imConnections = this.gauge('mc_im_connections', 'Clients of instant messages that are logged in here.', []);
  readonly imSends = this.counter('mc_im_sends_total', 'Messages that clients sent, by reason code of the answer.', [
    'reason',
  ]);
  readonly imPushes = this.counter('mc_im_pushes_total', 'Messages pushed to clients.', []);
  readonly imDrops = this.counter('mc_im_drops_total', 'What was not pushed, or cut off, instead of growing.', [
    'what',
  ]);
  readonly deadLetters = this.gauge('mc_dead_letters', 'Messages in the dead letter queues.', []);
  readonly queueAge = this.gauge('mc_queue_age_seconds', 'Age of the oldest due work.', ['channel']);
  readonly mqttDevices = this.gauge('mc_mqtt_devices', 'Devices connected to the MQTT broker of npm start.', []);
  readonly batchSize = this.histogram(
    'mc_batch_size',
    'Items handled together.',
    ['stage'],
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
  );
  readonly attemptDuration = this.histogram(
    'mc_attempt_duration_seconds',
    'Time of one provider call.',
    ['channel', 'provider'],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Everything in the text format of Prometheus. */
  exposition(): Promise<string> {
    return this.registry.metrics();
  }

  /** One provider call of one batch. */
  recordAttempt(channel: Channel, provider: string, seconds: number, outcomes: readonly OutcomeClass[]): void {
    this.attemptDuration.observe({ channel, provider }, seconds);
    for (const outcome of outcomes) this.deliveries.inc({ channel, outcome });
  }

  private counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<L extends string>(name: string, help: string, labelNames: L[], buckets: number[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
