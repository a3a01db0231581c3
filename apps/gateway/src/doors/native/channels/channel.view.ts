import type { Channel, ChannelTestAnswer, SuccessState } from '#contracts';
import type { AccountHealthRow, AccountState, ChannelConfig, ProviderAccountRow } from '#entities';

/** How an account is doing. Times are ISO 8601. */
interface HealthView {
  /** `closed` well · `open` failing, nobody calls it · `half_open` being tried · `stopped` wrongly set up, waits for the administrator. */
  state: AccountState;
  /** Of `open` and `stopped`: when it is tried again by itself. */
  until?: string;
  /** The provider's last word. */
  code?: string;
  words?: string;
  /** Out of quota until then, and of which: its provider's code, `quota_hour` or `quota_day`. */
  parkedUntil?: string;
  parkedReason?: string;
}

interface AccountView {
  id: string;
  provider: string;
  /** Without the write-only ones. */
  settings: Record<string, unknown>;
  /** Write-only settings that are set; their values are never shown. */
  secretsSet: string[];
  weight: number;
  enabled: boolean;
  rateLimit: { perSecond: number } | null;
  quota: { perHour?: number; perDay?: number } | null;
  receiptWithin: number | null;
  health: HealthView;
}

export interface ChannelView {
  channel: Channel;
  enabled: boolean;
  /** `sandbox`: the sandbox serves it and nobody is reached. `not configured`: no account that is switched on. */
  status: 'on' | 'off' | 'sandbox' | 'not configured';
  priority: number | null;
  providers: AccountView[];
  smart: { successWhen: SuccessState; within: number } | null;
}

/** @param without what the channel is while no account is switched on; the sandbox serves only channels that have none */
export function channelView(
  channel: Channel,
  config: ChannelConfig | undefined,
  accounts: readonly (ProviderAccountRow & { secretsSet: string[]; health: AccountHealthRow | undefined })[],
  without: 'on' | 'sandbox' | 'not configured',
): ChannelView {
  const isOn = accounts.some((account) => account.enabled);
  const served = isOn ? 'on' : without === 'sandbox' && accounts.length > 0 ? 'not configured' : without;
  const enabled = config?.enabled ?? true;
  return {
    channel,
    enabled,
    status: enabled ? served : 'off',
    priority: config?.priority ?? null,
    providers: accounts.map((account) => ({
      id: account.id,
      provider: account.provider,
      settings: account.settings,
      secretsSet: account.secretsSet,
      weight: account.weight,
      enabled: account.enabled,
      rateLimit: account.rate_per_second === null ? null : { perSecond: account.rate_per_second },
      quota: quotaView(account),
      receiptWithin: account.receipt_within_s,
      health: healthView(account.health),
    })),
    smart: config?.smart_success_when
      ? { successWhen: config.smart_success_when, within: config.smart_within_s ?? 60 }
      : null,
  };
}

function quotaView({ quota_per_hour: perHour, quota_per_day: perDay }: ProviderAccountRow): AccountView['quota'] {
  if (perHour === null && perDay === null) return null;
  return { ...(perHour === null ? {} : { perHour }), ...(perDay === null ? {} : { perDay }) };
}

export function healthView(row: AccountHealthRow | undefined): HealthView {
  if (!row) return { state: 'closed' };
  return {
    state: row.state,
    ...(row.until_ms === null ? {} : { until: new Date(row.until_ms).toISOString() }),
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.words ? { words: row.words } : {}),
    ...(row.parked_until_ms === null ? {} : { parkedUntil: new Date(row.parked_until_ms).toISOString() }),
    ...(row.parked_until_ms === null || row.parked_reason === null ? {} : { parkedReason: row.parked_reason }),
  };
}

export const CHANNEL_EXAMPLE: ChannelView = {
  channel: 'mail',
  enabled: true,
  status: 'on',
  priority: 10,
  providers: [
    {
      id: 'main',
      provider: 'smtp',
      settings: { host: 'smtp.example.com', port: 587, user: 'mailer', from: 'noreply@example.com' },
      secretsSet: ['pass'],
      weight: 1,
      enabled: true,
      rateLimit: { perSecond: 20 },
      quota: { perDay: 100_000 },
      receiptWithin: null,
      health: { state: 'closed', parkedUntil: '2026-01-05T16:00:00.000Z', parkedReason: 'quota_day' },
    },
  ],
  smart: { successWhen: 'delivered', within: 60 },
};

export const TEST_EXAMPLE: ChannelTestAnswer = {
  outcome: 'ok',
  provider: 'smtp',
  code: '250',
  words: '2.0.0 Ok: queued',
};
