import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import type { ApnsApi } from './apns.api.js';
import { apnsRequest } from './apns.message.js';
import type { ApnsSettings } from './apns.settings.js';

const TOKEN = /^[0-9A-Fa-f]{32,200}$/;
const BAD_TOKEN: Outcome = {
  class: 'bad_recipient',
  code: 'bad_address',
  words: 'not the hexadecimal token of a device',
};

/** Apple's push service: one call a device, side by side on one connection. It tells nothing afterwards. */
export class ApnsProvider implements ChannelProvider {
  readonly channel = 'push' as const;
  readonly name = 'apns';
  readonly maxBatch = 200;
  // The device shows an alert that is repeated once, but only as long as the person has not put it away.
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly gate: ConcurrencyGate;

  constructor(
    settings: ApnsSettings,
    private readonly api: ApnsApi,
  ) {
    this.gate = new ConcurrencyGate(settings.concurrency);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) =>
      Promise.all(batch.map((delivery) => this.gate.run(() => this.sendOne(delivery, scope)))),
    );
  }

  async close(): Promise<void> {
    await this.sends.end();
    await this.api.close();
  }

  private async sendOne(delivery: OutboundDelivery, signal: AbortSignal): Promise<Outcome> {
    if (!TOKEN.test(delivery.address)) return BAD_TOKEN;
    const request = apnsRequest(delivery);
    if ('outcome' in request) return request.outcome;
    return this.api.send(delivery.address, request, delivery.device?.isTest ?? false, signal);
  }
}
