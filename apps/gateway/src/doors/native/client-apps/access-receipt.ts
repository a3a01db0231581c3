import type { ClientAppRow } from '#entities';

/** The channels of the application form, in its order, with its words. */
const CHANNEL_LABELS = {
  portal: '站内信',
  smart: '智能模式',
  wecom: '企业微信',
  mail: '邮件',
  sms: '短信',
  dingtalk: '钉钉',
  wechat: '公众号',
} as const;

/** What an integrator needs to connect (接入回执), as the application form of the interface has it. */
export interface AccessReceipt {
  name: string;
  description: string;
  /** Empty: any address. */
  ipAllowlist: string[];
  channels: { channel: string; label: string; isOpen: boolean }[];
  /** Where the interfaces are. */
  baseUrl: string;
  appId: string;
  /** Null: it was handed over when it was made. */
  appSecret: string | null;
}

export const accessReceipt = (app: ClientAppRow, baseUrl: string, appSecret: string | null): AccessReceipt => ({
  name: app.name,
  description: app.description,
  ipAllowlist: app.ipAllowlist,
  channels: Object.entries(CHANNEL_LABELS).map(([channel, label]) => ({
    channel,
    label,
    isOpen: app.channels.includes(channel),
  })),
  baseUrl,
  appId: app.appId,
  appSecret,
});

export const ACCESS_RECEIPT_EXAMPLE: AccessReceipt = {
  name: 'Billing',
  description: 'Invoices and reminders',
  ipAllowlist: ['10.0.0.0/8'],
  channels: Object.entries(CHANNEL_LABELS).map(([channel, label]) => ({
    channel,
    label,
    isOpen: ['portal', 'smart', 'mail', 'sms'].includes(channel),
  })),
  baseUrl: 'https://message.example.com',
  appId: 'billing',
  appSecret: null,
};
