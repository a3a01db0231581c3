import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CallbackRepository, type DueCallback } from '#entities';
import {
  AppLogger,
  BlockedAddressError,
  GuardedHttp,
  Metrics,
  WakeLoop,
  failpoint,
  jitterMs,
  signStandardWebhook,
} from '#platform';
import { AppError } from '#contracts';
import { nextOf, type CallbackAnswer } from './callback-ladder.policy.js';
import { WebhookSecrets } from './webhook-secrets.service.js';

const LOOK_EVERY_MS = 1000;
/** Callbacks in flight; a receiver that hangs holds one of them for at most TIMEOUT_MS. */
const AT_A_TIME = 64;
const TIMEOUT_MS = 15_000;
const JITTER = 0.2;

/** Tells client apps what became of their messages, and the webhook of the IM door what was said there. Rows are claimed, posted, and done, due again, or dead. */
@Injectable()
export class CallbackService implements OnApplicationShutdown {
  private readonly inFlight = new Set<Promise<void>>();
  private readonly loop = new WakeLoop({
    pass: () => this.claim(),
    onError: (error) => this.logger.warn({ err: error }, 'callbacks not claimed, next try soon'),
  });

  constructor(
    private readonly callbacks: CallbackRepository,
    private readonly secrets: WebhookSecrets,
    private readonly http: GuardedHttp,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /** There may be callbacks due: look now. */
  @Interval(LOOK_EVERY_MS)
  wake(): void {
    this.loop.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    await Promise.allSettled(this.inFlight);
  }

  /** Fills what is free of the window. A callback that ends makes room and asks for more. */
  private async claim(): Promise<boolean> {
    const room = AT_A_TIME - this.inFlight.size;
    if (room === 0) return false;
    const due = await this.callbacks.claim(randomUUID(), room, TIMEOUT_MS / 1000 + 15);
    for (const callback of due) {
      const running: Promise<void> = this.deliver(callback)
        .catch((error: unknown) =>
          this.logger.warn({ err: error, callbackId: callback.id }, 'callback outcome not stored, it is due again'),
        )
        .finally(() => {
          this.inFlight.delete(running);
          if (due.length === room) this.wake();
        });
      this.inFlight.add(running);
    }
    return false;
  }

  private async deliver(callback: DueCallback): Promise<void> {
    failpoint('reporting.before-callback');
    const answer = await this.post(callback);
    failpoint('reporting.after-callback');
    const next = nextOf(answer, callback.attempts, Date.now());
    this.metrics.callbacks.inc({ outcome: next.kind });
    const code = answer.status === null ? (answer.code ?? 'no_answer') : `http_${answer.status}`;
    if (next.kind === 'done') await this.callbacks.done(callback);
    else if (next.kind === 'retry') {
      const delayMs = Math.max(jitterMs(next.delayMs, JITTER), next.notBeforeMs);
      await this.callbacks.retry(callback, delayMs, code);
    } else await this.callbacks.bury(callback, code);
  }

  private async post(callback: DueCallback): Promise<CallbackAnswer & { code?: string }> {
    const secrets = await this.secrets.of(callback.app_id);
    if (secrets === null) return { status: 410, code: 'app_gone' };
    const timestampS = Math.floor(Date.now() / 1000);
    const body = callback.body ?? inEnvelope(callback, timestampS);
    try {
      const response = await this.http.request({
        method: 'POST',
        url: callback.url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'message-center',
          'webhook-id': callback.webhook_id,
          'webhook-timestamp': String(timestampS),
          ...(secrets.length === 0
            ? {}
            : { 'webhook-signature': signStandardWebhook(secrets, callback.webhook_id, timestampS, body) }),
        },
        body,
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: 64 * 1024,
      });
      const retryAfter = response.headers['retry-after'];
      return { status: response.status, ...(typeof retryAfter === 'string' ? { retryAfter } : {}) };
    } catch (error) {
      // A name that resolves into a private network is refused like a receiver that does not answer: it may move.
      if (error instanceof BlockedAddressError) return { status: null, code: 'blocked_address' };
      if (error instanceof AppError) return { status: null, code: error.code.toLowerCase() };
      throw error;
    }
  }
}

const inEnvelope = ({ type, items }: DueCallback, timestampS: number): string =>
  JSON.stringify({ type, timestamp: new Date(timestampS * 1000).toISOString(), data: { items } });
