import type { Channel } from '#contracts';
import type { RenderedContent } from './channel-provider.port.js';

/** What the sandbox took, as its page and `GET /v1/sandbox/messages` show it. */
export interface SandboxMessage {
  channel: Channel;
  address: string;
  ref: string;
  content: RenderedContent;
  at: Date;
}

/** A later word of the simulated vendor; goes the way of every real receipt. */
export interface SandboxReceipt {
  ref: string;
  status: 'delivered' | 'read' | 'failed';
  code?: string;
  words?: string;
  /** From now, ms. */
  afterMs: number;
}

/** Where the sandbox keeps what it took. A rejected call makes the sandbox answer `retry` for the batch. */
export interface SandboxStore {
  store(messages: readonly SandboxMessage[]): Promise<void>;
  scheduleReceipts(receipts: readonly SandboxReceipt[]): Promise<void>;
}
