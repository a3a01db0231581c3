import type { ClientAppRow } from '#entities';

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
  createdAt: string;
  updatedAt: string;
}

export const clientAppView = (app: ClientAppRow): ClientAppView => ({
  appId: app.appId,
  name: app.name,
  description: app.description,
  enabled: app.enabled,
  channels: app.channels,
  features: app.features,
  ipAllowlist: app.ipAllowlist,
  rateLimit: app.ratePerSecond === null ? null : { perSecond: app.ratePerSecond },
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
  createdAt: '2026-01-05T08:00:00.000Z',
  updatedAt: '2026-01-05T08:00:00.000Z',
};
export const SECRET_EXAMPLE = '9f86d081884c7d659a2feaa0c55ad015';
