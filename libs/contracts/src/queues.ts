import { OUTGOING_CHANNELS, type Channel } from './channel.js';

/** Queue names are patterns of the transports; `<queue>.dead` holds what could not be handled. */
export const QUEUES = {
  messageAccepted: 'dispatcher.message-accepted',
  deliveryRequested: (channel: Channel): string => `channel-worker.${channel}.delivery-requested`,
  deliverySettled: 'reporting.delivery-settled',
  receiptArrived: 'reporting.receipt-arrived',
} as const;

/** Every durable queue of the suite. Each process declares the whole list when it connects. */
export const ALL_QUEUES: readonly string[] = [
  QUEUES.messageAccepted,
  ...OUTGOING_CHANNELS.map((c) => QUEUES.deliveryRequested(c)),
  QUEUES.deliverySettled,
  QUEUES.receiptArrived,
];

export const deadLetterQueueOf = (queue: string): string => `${queue}.dead`;

/** RPC patterns: request/reply with a deadline, nothing kept when nobody answers. */
export const RPC = {
  channelTest: (channel: Channel): string => `channel-worker.${channel}.test`,
  sendNow: (channel: Channel): string => `channel-worker.${channel}.send-now`,
  sendDirect: (channel: Channel): string => `channel-worker.${channel}.send-direct`,
} as const;
