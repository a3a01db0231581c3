import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import type { AlarmRow } from '#entities';
import { AlarmConfig, GuardedHttp, signStandardWebhook } from '#platform';
import type { CallbackAnswer } from '../callbacks/callback-ladder.policy.js';

export const POST_TIMEOUT_MS = 15_000;

/** The receiver that the operator named for alarms. */
@Injectable()
export class AlarmWebhook {
  constructor(
    private readonly config: AlarmConfig,
    private readonly http: GuardedHttp,
  ) {}

  get isSet(): boolean {
    return this.config.ALARM_WEBHOOK_URL !== undefined;
  }

  /** Posts the present state of the alarm once; `webhook-id` is the same for every try of that state. */
  async post(alarm: AlarmRow): Promise<CallbackAnswer> {
    const event = alarm.cleared_at ? 'cleared' : 'raised';
    const id = `alarm_${alarm.id}_${event}`;
    const timestampS = Math.floor(Date.now() / 1000);
    const body = JSON.stringify({
      type: `alarm.${event}`,
      timestamp: new Date(timestampS * 1000).toISOString(),
      data: {
        id: alarm.id,
        kind: alarm.kind,
        subject: alarm.subject,
        detail: alarm.detail,
        data: alarm.data,
        count: alarm.count,
        raisedAt: alarm.raised_at.toISOString(),
        clearedAt: alarm.cleared_at?.toISOString() ?? null,
      },
    });
    const secret = this.config.ALARM_WEBHOOK_SECRET;
    try {
      const { status, headers } = await this.http.request({
        method: 'POST',
        url: this.config.ALARM_WEBHOOK_URL ?? '',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'message-center',
          'webhook-id': id,
          'webhook-timestamp': String(timestampS),
          ...(secret === undefined ? {} : { 'webhook-signature': signStandardWebhook([secret], id, timestampS, body) }),
        },
        body,
        timeoutMs: POST_TIMEOUT_MS,
      });
      const retryAfter = headers['retry-after'];
      return { status, ...(retryAfter === undefined ? {} : { retryAfter }) };
    } catch (error) {
      if (error instanceof AppError) return { status: null };
      throw error;
    }
  }
}
