import type { OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { appDataOf, keptForS, textDataOf } from '../push/app-data.js';
import { fitMessage } from '../push/fit-message.js';
import { pushMessageOf, type PushMessage } from '../push/push-message.js';

/** Of `payload`, in UTF-8. */
const MAX_PAYLOAD = 1840;
const MAX_KEPT_S = 7 * 86_400;
const CHINA_MS = 8 * 3600_000;

/** What a call says, whoever it is for. */
export interface UmengCall {
  isIos: boolean;
  /** `payload`, `policy` and `production_mode` of the request; `ref` only where the call is for one device. */
  write(ref: string | undefined): Record<string, unknown>;
}

/** @returns the outcome of what cannot be said within Umeng's limits */
export function umengCall(delivery: OutboundDelivery): UmengCall | { outcome: Outcome } {
  const isIos = delivery.device?.platform === 'ios';
  const payloadOf = isIos ? iosPayload : androidPayload;
  const fitted = fitMessage(pushMessageOf(delivery.content), MAX_PAYLOAD, (message) =>
    JSON.stringify(payloadOf(message, delivery.ref, delivery.source)),
  );
  if ('outcome' in fitted) return fitted;
  const keptS = keptForS(delivery, MAX_KEPT_S);
  const common = {
    ...(keptS !== undefined && { policy: { expire_time: chinaTime(Date.now() + keptS * 1000) } }),
    production_mode: String(!(delivery.device?.isTest ?? false)),
  };
  return {
    isIos,
    write: (ref) => ({ payload: payloadOf(fitted.message, ref, delivery.source), ...common }),
  };
}

function androidPayload(message: PushMessage, ref: string | undefined, source?: string): object {
  const { kind, title, body, custom, url } = message;
  if (kind !== 'notification') {
    // What the app is given stands where Umeng's SDK looks for it; beside it only what we add.
    const added = { kind, ...(url !== undefined && { url }) };
    return { display_type: 'message', body: { custom: custom ?? body ?? '' }, extra: textDataOf(added, ref) };
  }
  // None of the three may be empty.
  const heading = title ?? source ?? body ?? '';
  const text = body ?? heading;
  return {
    display_type: 'notification',
    body: {
      ticker: heading,
      title: heading,
      text,
      ...(url === undefined ? { after_open: 'go_app' } : { after_open: 'go_url', url }),
    },
    extra: textDataOf(message, ref),
  };
}

function iosPayload(message: PushMessage, ref: string | undefined): object {
  const { kind, title, body } = message;
  const alert = { ...(title && { title }), ...(body && { body }) };
  return {
    aps: kind === 'notification' ? { alert, sound: 'default' } : { 'content-available': 1 },
    ...appDataOf(message, ref),
  };
}

/** Umeng's clocks show the time of China. */
const chinaTime = (ms: number): string => new Date(ms + CHINA_MS).toISOString().slice(0, 19).replace('T', ' ');
