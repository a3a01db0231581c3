import type { ClientAppRow, SegmentsUsed } from '#entities';

/** A client app as this door shows it: never with a secret. */
export interface ClientAppView {
  appId: string;
  name: string;
  description: string;
  enabled: boolean;
  channels: string[];
  features: string[];
  ipAllowlist: string[];
  rateLimit: { perSecond: number } | null;
  /** SMS segments; null within: no limit. */
  smsQuota: { total: number | null; perDay: number | null } | null;
  /** SMS segments counted so far, in total and today (in China). Nothing is counted while there is no quota. */
  smsUsed: SegmentsUsed;
  weight: number;
  createdAt: string;
  updatedAt: string;
}

/** What is shown once, when a secret was made. */
export interface SecretHandover {
  appSecret: string;
  /** Opens the receipt (接入回执) with the secret on it, without a token: for 24 hours or until the next rotation. */
  receiptUrl: string;
}

const NOTHING: SegmentsUsed = { total: 0, today: 0 };

export const clientAppView = (app: ClientAppRow, used: SegmentsUsed = NOTHING): ClientAppView => ({
  appId: app.appId,
  name: app.name,
  description: app.description,
  enabled: app.enabled,
  channels: app.channels,
  features: app.features,
  ipAllowlist: app.ipAllowlist,
  rateLimit: app.ratePerSecond === null ? null : { perSecond: app.ratePerSecond },
  smsQuota:
    app.smsQuotaTotal === null && app.smsQuotaPerDay === null
      ? null
      : { total: app.smsQuotaTotal, perDay: app.smsQuotaPerDay },
  smsUsed: used,
  weight: app.weight,
  createdAt: app.createdAt.toISOString(),
  updatedAt: app.updatedAt.toISOString(),
});

export const CLIENT_APP_EXAMPLE: ClientAppView = {
  appId: 'billing',
  name: 'Billing',
  description: 'Invoices and reminders',
  enabled: true,
  channels: ['portal', 'sms', 'mail', 'smart'],
  features: ['user-count'],
  ipAllowlist: ['10.0.0.0/8'],
  rateLimit: { perSecond: 200 },
  smsQuota: { total: 100_000, perDay: 5000 },
  smsUsed: { total: 12_480, today: 310 },
  weight: 1,
  createdAt: '2026-01-05T08:00:00.000Z',
  updatedAt: '2026-01-05T08:00:00.000Z',
};
export const HANDOVER_EXAMPLE: SecretHandover = {
  appSecret: '9f86d081884c7d659a2feaa0c55ad015',
  receiptUrl:
    'https://message.example.com/v1/client-apps/billing/receipt?expires=1767686400&signature=Yk3v8x0l1T0b0w1cWc7cE2vJ5b9m4n6q8r0s2t4u6v8',
};
