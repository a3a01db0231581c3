import { OUTGOING_CHANNELS, type Channel } from '#contracts';
import {
  CancelRepository,
  DeliveryWorkRepository,
  ExpireRepository,
  FoldRepository,
  ReceiptRepository,
  UnprovenRepository,
  WorkRepository,
  type CancelResult,
} from '#entities';
import { DeliverWorkService } from '../../apps/channel-worker/src/delivery/deliver-work.service.js';
import { CancelDeliveriesService } from '../../apps/dispatcher/src/due-work/cancel-deliveries.service.js';
import { FanOutService } from '../../apps/dispatcher/src/fan-out/fan-out.service.js';
import type { AcceptMessage, ChannelChoice } from '../../apps/gateway/src/intake/accept-message.command.js';
import { AcceptMessageService } from '../../apps/gateway/src/intake/accept-message.service.js';
import { coreApp, type CoreApp } from './core-app.js';

export interface DeliveryRow {
  seq: number;
  step: number;
  channel: string;
  recipient: string;
  address: string;
  status: number;
  is_open: boolean;
  attempts: number;
  error_code: string | null;
  params: Record<string, string> | null;
}

export type Sending = Partial<Omit<AcceptMessage, 'to'>> & Pick<AcceptMessage, 'to'>;

/** Options of a message that takes exactly these channels. */
export const only = (...list: Channel[]): { channels: ChannelChoice } => ({ channels: { mode: 'list', list } });

/** A core in which nothing moves by itself: every step of a message's way is one call. */
export interface CoreSteps extends CoreApp {
  /** Accepts as `appId` (default `app`); `content` and mode `any` unless given. Answers the message id. */
  accept(sending: Sending, appId?: string): Promise<string>;
  fanOut(...messageIds: string[]): Promise<void>;
  /** Hands over what is due on the channels (default all) and works it off, once. Answers how many pieces of work. */
  work(...channels: Channel[]): Promise<number>;
  /** Everything the message waits for becomes due now. */
  makeDue(messageId: string): Promise<void>;
  /** As `makeDue`, and the channel seems to have been tried first `seconds` ago. */
  backdate(messageId: string, seconds: number): Promise<void>;
  /** Proofs that did not arrive, cancellations, expiries: what the dispatcher's timer does. */
  dueWork(): Promise<void>;
  cancel(messageId: string): Promise<CancelResult>;
  /** A provider's later word about what it took under that id (its account is `<channel>:main`). */
  receipt(channel: Channel, providerId: string, status: 'delivered' | 'read' | 'failed'): Promise<void>;
  fold(): Promise<void>;
  /** Accept and fan out. */
  send(sending: Sending, appId?: string): Promise<string>;
  deliveries(messageId: string): Promise<DeliveryRow[]>;
  state(
    messageId: string,
  ): Promise<Record<string, unknown> & { status: string; ended: number; expected: number | null; chains: number }>;
}

/** @param databaseUrl of another core: a second replica beside it */
export async function coreSteps(env?: Record<string, string>, databaseUrl?: string): Promise<CoreSteps> {
  const core = await coreApp({ running: false, ...(env ? { env } : {}), ...(databaseUrl ? { databaseUrl } : {}) });
  const { get, rows, row, database } = core;

  const accept: CoreSteps['accept'] = async (sending, appId = 'app') => {
    const app = await row<{ name: string; channels: string[]; features: string[]; has_sms_quota: boolean }>(
      `SELECT name, channels, features, coalesce(sms_quota_total, sms_quota_per_day) IS NOT NULL AS has_sms_quota
         FROM client_app WHERE app_id = $1`,
      [appId],
    );
    const { messageId } = await get(AcceptMessageService).accept({
      app: {
        appId,
        name: app.name,
        channels: new Set(app.channels),
        features: new Set(app.features),
        ratePerSecond: null,
        hasSmsQuota: app.has_sms_quota,
      },
      door: 'native',
      channels: { mode: 'any' },
      ...(sending.template ? {} : { content: { title: 'Hello', text: 'Hello there' } }),
      ...sending,
    });
    return messageId;
  };
  const fanOut: CoreSteps['fanOut'] = (...ids) => get(FanOutService).fanOut(ids);

  return {
    ...core,
    accept,
    fanOut,
    async work(...channels) {
      let done = 0;
      for (const channel of channels.length > 0 ? channels : OUTGOING_CHANNELS) {
        const ids = await handedOver(core, channel);
        for (let from = 0; from < ids.length; from += 200)
          await get(DeliverWorkService).deliver(channel, ids.slice(from, from + 200));
        done += ids.length;
      }
      return done;
    },
    async makeDue(id) {
      await rows('UPDATE work SET due_at = now() WHERE message_id = $1 AND lease_token IS NULL', [id]);
    },
    async backdate(id, seconds) {
      await rows(
        'UPDATE work SET due_at = now(), started_at = started_at - make_interval(secs => $2) WHERE message_id = $1',
        [id, seconds],
      );
    },
    async dueWork() {
      const work = get(WorkRepository);
      const proofs = await work.claimDue('proof', 200);
      if (proofs.length > 0) await get(UnprovenRepository).fallBack(proofs);
      for (let due = await work.claimDue('cancel', 200); due.length > 0; due = await work.claimDue('cancel', 200))
        await get(CancelDeliveriesService).settle(due);
      while ((await get(ExpireRepository).expire(200)) > 0);
    },
    cancel: (id) => get(CancelRepository).cancel(id, null),
    async receipt(channel, providerId, status) {
      const code = { delivered: 40, read: 50, failed: 31 }[status];
      await rows(`INSERT INTO receipt (account, provider_id, status) VALUES ($1, $2, $3)`, [
        `${channel}:main`,
        providerId,
        code,
      ]);
      await get(ReceiptRepository).matchDue(1000);
    },
    async fold() {
      while ((await get(FoldRepository).fold()).folded > 0);
    },
    async send(sending, appId) {
      const id = await accept(sending, appId);
      await fanOut(id);
      await rows(`UPDATE work SET due_at = now() WHERE message_id = $1 AND kind = 'deliver'`, [id]);
      return id;
    },
    deliveries: (id) =>
      database.query<DeliveryRow>(
        `SELECT seq, seq % 16 AS step, channel, recipient, address, status, is_open, attempts, error_code, params
           FROM delivery WHERE message_id = $1 ORDER BY seq`,
        [id],
      ),
    state: (id) => row('SELECT * FROM message_state WHERE message_id = $1', [id]),
  };
}

/** As `handedOver`, and a worker that has this lease holds it. */
export async function held(core: CoreApp, channel: Channel, leaseToken: string): Promise<void> {
  const ids = await handedOver(core, channel);
  await core.get(DeliveryWorkRepository).claim(
    ids.map((id) => ({ id, channel })),
    leaseToken,
  );
}

/** What is due on the channel, marked as handed over; the event that would name it is the test's to deliver. */
export async function handedOver({ get }: CoreApp, channel: Channel): Promise<number[]> {
  return (await get(WorkRepository).handOver(channel, 100_000)).map((work) => work.id);
}
