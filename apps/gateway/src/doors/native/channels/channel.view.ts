import type { Channel, ChannelTestAnswer, SuccessState } from '#contracts';
import type { ChannelConfig, ProviderAccountRow } from '#entities';

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
}

export interface ChannelView {
  channel: Channel;
  enabled: boolean;
  /** `sandbox`: the sandbox serves it and nobody is reached. */
  status: 'on' | 'off' | 'sandbox' | 'not configured';
  priority: number | null;
  providers: AccountView[];
  smart: { successWhen: SuccessState; within: number } | null;
}

export function channelView(
  channel: Channel,
  config: ChannelConfig | undefined,
  accounts: readonly (ProviderAccountRow & { secretsSet: string[] })[],
  isSandboxOn: boolean,
): ChannelView {
  const isConfigured = channel === 'portal' || accounts.some((account) => account.enabled);
  const served = isConfigured ? 'on' : isSandboxOn ? 'sandbox' : 'not configured';
  const enabled = config?.enabled ?? true;
  return {
    channel,
    enabled,
    status: enabled ? served : 'off',
    priority: config?.priority ?? null,
    providers: accounts.map(({ id, provider, settings, secretsSet, weight, enabled: isOn, rate_per_second }) => ({
      id,
      provider,
      settings,
      secretsSet,
      weight,
      enabled: isOn,
      rateLimit: rate_per_second === null ? null : { perSecond: rate_per_second },
    })),
    smart: config?.smart_success_when
      ? { successWhen: config.smart_success_when, within: config.smart_within_s ?? 60 }
      : null,
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
