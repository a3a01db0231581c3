import type { DeliveryView, MessageView } from './message.views.js';

export const MESSAGE_EXAMPLE: MessageView = {
  id: '01994b5e-7c1e-7c58-9a6e-0a9d5b2f3c11',
  appId: 'shop',
  door: 'native',
  kind: 'notice',
  priority: 'normal',
  status: 'completed',
  channels: { mode: 'any', steps: [{ channel: 'sms' }, { channel: 'mail' }, { channel: 'portal' }] },
  template: { code: 'order-shipped', version: 3 },
  clientRef: null,
  acceptedAt: '2026-03-01T00:00:00.000Z',
  sendAt: null,
  expiresAt: null,
  dispatchedAt: '2026-03-01T00:00:00.052Z',
  cancelRequestedAt: null,
  completedAt: '2026-03-01T00:00:02.310Z',
  counts: {
    recipients: 1,
    open: 0,
    sent: 0,
    delivered: 1,
    read: 0,
    unknown: 0,
    failed: 1,
    expired: 0,
    cancelled: 0,
    suppressed: 0,
    skipped: 0,
  },
};

const FAILED: DeliveryView = {
  recipient: 'u1',
  name: null,
  channel: 'sms',
  ordinal: 0,
  step: 0,
  status: 'failed',
  provider: 'sandbox',
  error: { code: 'sandbox_no_such_recipient', text: 'no such recipient' },
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  settledAt: '2026-03-01T00:00:00.101Z',
  nextTryAt: null,
  attempts: [
    {
      attempt: 1,
      startedAt: '2026-03-01T00:00:00.080Z',
      finishedAt: '2026-03-01T00:00:00.099Z',
      provider: 'sandbox',
      account: 'sandbox',
      outcome: 'bad_recipient',
      code: 'sandbox_no_such_recipient',
      words: 'no such recipient',
      isPossibleDuplicate: false,
    },
  ],
};

export const DELIVERIES_EXAMPLE = { items: [FAILED], nextCursor: null };
