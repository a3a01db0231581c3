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
/** Callbacks under way, of which one receiver that hangs holds at most half, each for at most TIMEOUT_MS. */
const PLACES = 128;
const TIMEOUT_MS = 15_000;
const JITTER = 0.2;

/** Tells client apps what became of their messages, and the webhook of the IM door what was said there. Rows are claimed, posted, and done, due again, or dead. */
@Injectable()
export class CallbackService implements OnApplicationShutdown {
  private readonly running = new Set<Promise<void>>();
  /** How many of them each app has; empty: those to the webhook of the IM door. */
  private readonly underWay = new Map<string, number>();
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
    await Promise.allSettled(this.running);
  }

  /** Fills what is free. A callback that ends makes room, and its app may have been waiting for it. */
  private async claim(): Promise<boolean> {
    const free = PLACES - this.running.size;
    if (free === 0) return false;
    const due = await this.callbacks.claim(this.underWay, free, randomUUID(), TIMEOUT_MS / 1000 + 15);
    for (const callback of due) {
      this.count(callback.app_id, 1);
      const running: Promise<void> = this.deliver(callback)
        .catch((error: unknown) =>
          this.logger.warn({ err: error, callbackId: callback.id }, 'callback outcome not stored, it is due again'),
        )
        .finally(() => {
          this.running.delete(running);
          this.count(callback.app_id, -1);
          this.wake();
        });
      this.running.add(running);
    }
    return due.length > 0;
  }

  private count(appId: string, change: 1 | -1): void {
    const count = (this.underWay.get(appId) ?? 0) + change;
    if (count === 0) this.underWay.delete(appId);
    else this.underWay.set(appId, count);
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
    const timestampS = Math.floor(Date.now() / 1000);
    const body = callback.body ?? inEnvelope(callback, timestampS);
    try {
      const secrets = await this.secrets.of(callback.app_id);
      if (secrets === null) return { status: 410, code: 'app_gone' };
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
      if (error instanceof AppError) {
        // A secret that does not open: along the ladder all the same, and in the end it can be replayed.
        if (error.kind === 'bug') this.logger.error({ err: error, callbackId: callback.id }, 'callback cannot be made');
        return { status: null, code: error.code.toLowerCase() };
      }
      throw error;
    }
  }
}

const inEnvelope = ({ type, items }: DueCallback, timestampS: number): string =>
  JSON.stringify({ type, timestamp: new Date(timestampS * 1000).toISOString(), data: { items } });
