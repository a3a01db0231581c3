import type { PublicAccountRow, PublicAccountTemplate } from '#entities';

export interface PublicAccountView {
  publicId: string;
  name: string;
  remark: string;
  provider: string;
  /** Null: a sandbox account. */
  appId: string | null;
  enabled: boolean;
  clientApps: string[];
  defaultTemplate: object | null;
  /** Without credentials and the default template. */
  settings: Record<string, unknown>;
  /** Write-only settings that are set; their values are never shown. */
  secretsSet: string[];
  rateLimit: { perSecond: number } | null;
  /** Where WeChat is to send events: the URL of its server configuration, below this center's own address. */
  receiptPath: string;
  templatesSyncedAt: string | null;
  createdAt: string;
  updatedAt: string;
}

export function publicAccountView(row: PublicAccountRow, secretsSet: string[]): PublicAccountView {
  const { appId, defaultTemplate: _, ...settings } = row.settings;
  return {
    publicId: row.publicId,
    name: row.name,
    remark: row.remark,
    provider: row.provider,
    appId: typeof appId === 'string' ? appId : null,
    enabled: row.enabled,
    clientApps: [...row.clientApps],
    defaultTemplate: row.defaultTemplate,
    settings,
    secretsSet,
    rateLimit: row.ratePerSecond === null ? null : { perSecond: row.ratePerSecond },
    receiptPath: `/v1/receipts/wechat/${row.publicId}`,
    templatesSyncedAt: row.templatesSyncedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export const PUBLIC_ACCOUNT_EXAMPLE: PublicAccountView = {
  publicId: 'gh-service',
  name: '学校服务号',
  remark: '迎新',
  provider: 'wechat',
  appId: 'wx0123456789abcdef',
  enabled: true,
  clientApps: ['billing'],
  defaultTemplate: {
    templateId: 'ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY',
    map: { title: 'thing1', text: 'thing2', time: 'time3' },
  },
  settings: { concurrency: 50 },
  secretsSet: ['appSecret', 'token', 'encodingAesKey'],
  rateLimit: null,
  receiptPath: '/v1/receipts/wechat/gh-service',
  templatesSyncedAt: '2026-01-05T08:00:00.000Z',
  createdAt: '2026-01-05T08:00:00.000Z',
  updatedAt: '2026-01-05T08:00:00.000Z',
};

export const TEMPLATE_EXAMPLE: PublicAccountTemplate = {
  templateId: 'ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY',
  title: '审批通知',
  primaryIndustry: 'IT科技',
  deputyIndustry: 'IT软件与服务',
  content: '事项：{{thing1.DATA}}\n状态：{{phrase2.DATA}}',
  example: '事项：请假\n状态：已通过',
};
