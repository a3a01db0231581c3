import type { GuardedHttp } from '#platform';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { OwnDevices } from '../push/own-devices.js';
import { webpushRequest } from './webpush.message.js';
import { isForeignKey, outcomeOfNoAnswer, outcomeOfPushService } from './webpush.outcomes.js';
import type { WebpushSettings } from './webpush.settings.js';

/** Web Push (RFC 8030, 8291, 8292): one encrypted request a browser, to the push service that its subscription names. */
export class WebpushProvider implements ChannelProvider {
  readonly channel = 'push' as const;
  readonly name = 'webpush';
  readonly maxBatch = 200;
  // A push service tells no repetition.
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly gate: ConcurrencyGate;
  private readonly devices = new OwnDevices();

  constructor(
    private readonly settings: WebpushSettings,
    private readonly http: GuardedHttp,
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
    if (signal.aborted) return { class: 'retry', code: 'aborted' };
    const request = webpushRequest(delivery, this.settings);
    if ('outcome' in request) return request.outcome;
    const outcome = await this.post(request.endpoint, request.headers, request.body, signal);
    return this.devices.judge(outcome, isForeignKey(outcome));
  }

  /** The length is the connection's to say. */
  private async post(url: string, headers: object, body: Buffer | null, signal: AbortSignal): Promise<Outcome> {
    const named = Object.entries(headers as Record<string, string | number>)
      .map(([name, value]): [string, string] => [name.toLowerCase(), String(value)])
      .filter(([name]) => name !== 'content-length');
    try {
      const { timeoutMs } = this.settings;
      const headersSent = Object.fromEntries(named);
      const request = {
        method: 'POST',
        url,
        headers: headersSent,
        body: body ?? Buffer.alloc(0),
        timeoutMs,
        signal,
      } as const;
      const answer = await this.http.request(request);
      return outcomeOfPushService(answer, Date.now());
    } catch (error) {
      return outcomeOfNoAnswer(error, signal.aborted);
    }
  }
}
