import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { OwnDevices } from '../push/own-devices.js';
import type { FcmApi } from './fcm.api.js';
import { fcmBody } from './fcm.message.js';
import { SENDER_MISMATCH } from './fcm.outcomes.js';
import type { FcmSettings } from './fcm.settings.js';

/** Firebase Cloud Messaging, HTTP v1: one call a device, which is all that the API knows. It tells nothing afterwards. */
export class FcmProvider implements ChannelProvider {
  readonly channel = 'push' as const;
  readonly name = 'fcm';
  readonly maxBatch = 200;
  // FCM knows no key by which it would tell a repetition.
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly gate: ConcurrencyGate;
  private readonly devices = new OwnDevices();

  constructor(
    settings: FcmSettings,
    private readonly api: FcmApi,
  ) {
    this.gate = new ConcurrencyGate(settings.concurrency);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) =>
      Promise.all(batch.map((delivery) => this.gate.run(() => this.sendOne(delivery, scope)))),
    );
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async sendOne(delivery: OutboundDelivery, signal: AbortSignal): Promise<Outcome> {
    const request = fcmBody(delivery);
    if ('outcome' in request) return request.outcome;
    const outcome = await this.api.send(request.body, signal);
    return this.devices.judge(outcome, outcome.code === SENDER_MISMATCH);
  }
}
