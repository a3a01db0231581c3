import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CallbackRepository, type CallbackReceiver, type DueCallback } from '#entities';
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
/**
 * Callbacks in flight; a receiver that hangs holds one of them for at most TIMEOUT_MS. The webhook of the IM door has its own, so
 * that nobody waits behind it.
 */
const AT_A_TIME: Readonly<Record<CallbackReceiver, number>> = { apps: 64, im: 32 };
const TIMEOUT_MS = 15_000;
const JITTER = 0.2;

/** Tells client apps what became of their messages, and the webhook of the IM door what was said there. Rows are claimed, posted, and done, due again, or dead. */
@Injectable()
export class CallbackService implements OnApplicationShutdown {
  private readonly inFlight: Readonly<Record<CallbackReceiver, Set<Promise<void>>>> = {
    apps: new Set(),
    im: new Set(),
  };
  private readonly loop = new WakeLoop({
    pass: async () => {
      await this.claim('apps');
      await this.claim('im');
      return false;
    },
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
    await Promise.allSettled([...this.inFlight.apps, ...this.inFlight.im]);
  }

  /** Fills what is free of the window. A callback that ends makes room and asks for more. */
  private async claim(to: CallbackReceiver): Promise<void> {
    const inFlight = this.inFlight[to];
    const room = AT_A_TIME[to] - inFlight.size;
    if (room === 0) return;
    const due = await this.callbacks.claim(to, randomUUID(), room, TIMEOUT_MS / 1000 + 15);
    for (const callback of due) {
      const running: Promise<void> = this.deliver(callback)
        .catch((error: unknown) =>
          this.logger.warn({ err: error, callbackId: callback.id }, 'callback outcome not stored, it is due again'),
        )
        .finally(() => {
          inFlight.delete(running);
          if (due.length === room) this.wake();
        });
      inFlight.add(running);
    }
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
