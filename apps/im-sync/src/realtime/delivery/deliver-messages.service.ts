import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ImDelivery } from '#contracts';
import { ImCommandRepository } from '#entities';
import { AppLogger, Metrics } from '#platform';
import type { Push } from '../protocol/client-protocol.port.js';
import { SessionRegistry } from '../sessions/session-registry.js';
import { ChannelAudiences } from './channel-audiences.js';
import { PushViews, pushOf } from './push-of.js';

/** Pushes between two looks at everything else that this process has to do. */
const PUSHES_A_TURN = 200;
/** Messages that may wait to be pushed, and their payloads in characters; whatever comes beyond is read from the log. */
const MAX_WAITING = 20_000;
const MAX_WAITING_TEXT = 64 * 1024 * 1024;

/** Pushes messages to those who are connected here, one after the other, so that the order of a channel is kept. */
@Injectable()
export class DeliverMessagesService {
  private readonly waiting: ImDelivery[] = [];
  private waitingText = 0;
  private running: Promise<void> | null = null;

  constructor(
    private readonly registry: SessionRegistry,
    private readonly audiences: ChannelAudiences,
    private readonly commands: ImCommandRepository,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /** Resolves when nothing waits any more. */
  deliver(deliveries: readonly ImDelivery[]): Promise<void> {
    for (const delivery of deliveries) {
      if (!this.mayConcernUs(delivery)) continue;
      if (this.waiting.length >= MAX_WAITING || this.waitingText >= MAX_WAITING_TEXT) {
        this.metrics.imDrops.inc({ what: 'message' });
        continue;
      }
      this.waiting.push(delivery);
      this.waitingText += delivery.message.payload.length;
    }
    if (this.waiting.length === 0) return Promise.resolve();
    this.running ??= this.run();
    return this.running;
  }

  private mayConcernUs({ recipients, channelKey }: ImDelivery): boolean {
    if (this.registry.size === 0) return false;
    return recipients ? recipients.some((uid) => this.registry.has(uid)) : channelKey !== null;
  }

  private async run(): Promise<void> {
    for (let at = 0; this.waiting.length > 0; at += 1) {
      const delivery = this.waiting[at];
      if (!delivery) {
        this.waiting.length = 0;
        break;
      }
      this.waitingText -= delivery.message.payload.length;
      try {
        await this.deliverOne(delivery);
      } catch (error) {
        this.metrics.imDrops.inc({ what: 'message' });
        const { messageId } = delivery.message;
        this.logger.warn(
          { err: error, messageId },
          'an instant message was not pushed, its readers find it in the log',
        );
      }
      if (at >= 1_000) {
        this.waiting.splice(0, at + 1);
        at = -1;
      }
    }
    // In the turn of the last look: what comes before anything that waits for this promise would wait for the next message.
    this.running = null;
  }

  private async deliverOne(delivery: ImDelivery): Promise<void> {
    const push = pushOf(delivery.message);
    if (!push) return;
    const uids = await this.uidsOf(delivery);
    if (uids.length === 0) return;
    const seqs = delivery.isQueued ? await this.commands.seqsOf(push.messageId, uids) : null;
    const views = new PushViews(delivery.message);
    const viewOf = (uid: string): ReturnType<PushViews['of']> => {
      const seq = seqs?.get(uid);
      return seq === undefined ? views.of(uid) : views.at(uid, seq);
    };
    await this.pushTo(uids, delivery, push, viewOf);
  }

  /** Who of them is here. */
  private async uidsOf({ recipients, channelKey }: ImDelivery): Promise<string[]> {
    if (recipients) return [...new Set(recipients)].filter((uid) => this.registry.has(uid));
    if (channelKey === null) return [];
    const audience = await this.audiences.of(channelKey, performance.now());
    const here: string[] = [];
    for (const uid of audience) {
      if (this.registry.has(uid)) here.push(uid);
      else this.audiences.left(channelKey, uid);
    }
    return here;
  }

  private async pushTo(
    uids: readonly string[],
    { origin }: ImDelivery,
    push: Push,
    viewOf: (uid: string) => ReturnType<PushViews['of']>,
  ): Promise<void> {
    let pushed = 0;
    let inTurn = 0;
    for (const uid of uids) {
      const view = viewOf(uid);
      for (const connection of this.registry.of(uid)) {
        if (origin !== null && String(connection.session?.sessionId) === origin) continue;
        if (connection.push(push, view, performance.now())) pushed += 1;
        inTurn += 1;
      }
      if (inTurn < PUSHES_A_TURN) continue;
      inTurn = 0;
      await nextTurn();
    }
    this.metrics.imPushes.inc(pushed);
  }
}
