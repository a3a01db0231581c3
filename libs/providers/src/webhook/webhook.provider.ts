import { type GuardedHttp, runLimited, signStandardWebhook } from '#platform';
import { RunningSends } from '../outcome/running-sends.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { outcomeOfFailure, outcomeOfStatus } from './webhook.outcomes.js';
import type { WebhookSettings } from './webhook.settings.js';

const MAX_RESPONSE_BYTES = 64 * 1024;

/** Messages as signed JSON to the recipient's own URL (Standard Webhooks 1.0.0). A 2xx proves delivery. */
export class WebhookProvider implements ChannelProvider {
  readonly channel = 'webhook' as const;
  readonly name = 'webhook';
  readonly maxBatch = 200;
  // `webhook-id` is the reference: a receiver that follows the standard takes it once.
  readonly isIdempotent = true;
  private readonly sends = new RunningSends();
  private readonly secrets: readonly string[];

  constructor(
    private readonly settings: WebhookSettings,
    private readonly http: GuardedHttp,
  ) {
    this.secrets = [settings.secret, settings.previousSecret].filter((secret) => secret !== undefined);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) =>
      runLimited(batch, this.settings.concurrency, (delivery) => this.post(delivery, scope)),
    );
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async post(delivery: OutboundDelivery, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return { class: 'retry', code: 'aborted' };
    const now = new Date();
    const body = bodyOf(delivery, now);
    try {
      const response = await this.http.request({
        method: 'POST',
        url: delivery.address,
        headers: this.headersOf(delivery.ref, body, Math.floor(now.getTime() / 1000)),
        body,
        timeoutMs: this.settings.timeoutMs,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        signal,
      });
      return outcomeOfStatus(response, Date.now(), this.secrets);
    } catch (error) {
      return outcomeOfFailure(error, signal.aborted, Date.now());
    }
  }

  private headersOf(ref: string, body: string, timestampS: number): Record<string, string> {
    return {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'message-center',
      'webhook-id': ref,
      'webhook-timestamp': String(timestampS),
      ...(this.secrets.length > 0 && { 'webhook-signature': signStandardWebhook(this.secrets, ref, timestampS, body) }),
    };
  }
}

/** JSON leaves out what the content does not have. */
function bodyOf({ ref, source, content }: OutboundDelivery, now: Date): string {
  const { title, text, html, summary, url, iconUrl } = content;
  return JSON.stringify({
    type: 'message',
    timestamp: now.toISOString(),
    data: { ref, source, title, text, html, summary, url, iconUrl },
  });
}
