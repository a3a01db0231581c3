import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  IM_PERSON,
  imFlags,
  type ImDelivery,
  type ImNewMessage,
  type ImSendBatchAnswer,
  type ImSendBatchV1,
  type ImSent,
} from '#contracts';
import { DatabaseClock, ImSendRepository, isDataError, type ImOutgoing, type ImPlaced } from '#entities';
import { AppLogger, Metrics, runLimited } from '#platform';
import { TellOutside } from '../webhooks/tell-outside.service.js';
import { ImEvents } from './im-events.js';
import { MessageIds } from './message-ids.service.js';
import { outgoing } from './outgoing.policy.js';

/** Most messages of one transaction, and most of their payloads in characters: what a batch to many locks is let go after each. */
const CHUNK = 2_500;
const CHUNK_TEXT = 32 * 1024 * 1024;
/** While the database writes one, the next is made. */
const CHUNKS_AT_A_TIME = 2;

/** The one way in which messages get into the system, whoever sends them. */
@Injectable()
export class ImSendService {
  constructor(
    private readonly messages: ImSendRepository,
    private readonly ids: MessageIds,
    private readonly clock: DatabaseClock,
    private readonly events: ImEvents,
    private readonly outside: TellOutside,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /**
   * Sends messages in their order; what is answered is committed. `sent[i]` belongs to `messages[i]`.
   * @param origins connection that sent message `i`, where one did
   */
  async send(messages: readonly ImNewMessage[], origins: readonly (string | null)[] = []): Promise<ImSent[]> {
    if (messages.length === 0) return [];
    const nowMs = this.clock.nowMs();
    const ids = await this.ids.take(messages.length, nowMs);
    const going = messages.map((message, i) => outgoing(message, ids[i] ?? ''));
    return this.commit(going, origins, nowMs);
  }

  /** A person message to each subscriber. Those of whom nobody knows whether they got it are named with the reason. */
  async sendBatch({ subscribers, ...batch }: ImSendBatchV1): Promise<ImSendBatchAnswer> {
    const size = Math.max(1, Math.min(CHUNK, Math.floor(CHUNK_TEXT / batch.payload.length)));
    const chunks: string[][] = [];
    for (let from = 0; from < subscribers.length; from += size) chunks.push(subscribers.slice(from, from + size));
    const errors = await runLimited(chunks, CHUNKS_AT_A_TIME, async (uids) => {
      try {
        await this.send(uids.map((uid) => personMessage(uid, batch)));
        return null;
      } catch (error) {
        return { uids, error };
      }
    });
    const failed = errors.filter((error) => error !== null);
    if (failed.length === chunks.length) throw failed[0]?.error;
    for (const { uids, error } of failed) {
      this.logger.error({ err: error, count: uids.length }, 'part of a batch of instant messages was not sent');
    }
    const failUids = failed.flatMap(({ uids }) => uids);
    return { failUids, reasons: failUids.map(() => NOT_SENT) };
  }

  private async commit(
    going: readonly ImOutgoing[],
    origins: readonly (string | null)[],
    nowMs: number,
  ): Promise<ImSent[]> {
    const timestamp = Math.floor(nowMs / 1000);
    const deliveriesOf = (placed: readonly ImPlaced[]): ImDelivery[] =>
      going.flatMap((message, i) => deliveryOf(message, placed[i], origins[i] ?? null, timestamp));
    let placed: ImPlaced[];
    try {
      placed = await this.messages.send(
        going,
        nowMs,
        this.outside.isWanted ? (tx, placed) => this.outside.tell(tx, deliveriesOf(placed)) : undefined,
      );
    } catch (error) {
      if (going.length === 1 || !isDataError(error)) throw error;
      return this.commitEach(going, origins, nowMs);
    }
    const accepted = placed.reduce((sum, { refusal }) => sum + (refusal === null ? 1 : 0), 0);
    if (accepted > 0) this.metrics.accepted.inc({ door: 'im' }, accepted);
    this.metrics.batchSize.observe({ stage: 'im-send' }, going.length);
    this.events.sent(() => deliveriesOf(placed));
    return going.map(({ messageId }, i) => ({
      messageId,
      messageSeq: placed[i]?.messageSeq ?? 0,
      refusal: placed[i]?.refusal ?? null,
    }));
  }

  /** One that the database does not take must not take the others with it. */
  private async commitEach(
    going: readonly ImOutgoing[],
    origins: readonly (string | null)[],
    nowMs: number,
  ): Promise<ImSent[]> {
    const half = Math.ceil(going.length / 2);
    const parts = [
      [going.slice(0, half), origins.slice(0, half)],
      [going.slice(half), origins.slice(half)],
    ] as const;
    const sent: ImSent[] = [];
    for (const [part, from] of parts) {
      try {
        sent.push(...(await this.commit(part, from, nowMs)));
      } catch (error) {
        if (part.length > 1 || !isDataError(error)) throw error;
        this.logger.error({ err: error }, 'an instant message cannot be stored');
        sent.push({ messageId: part[0]?.messageId ?? '', messageSeq: 0, refusal: 'unstorable' });
      }
    }
    return sent;
  }
}

const NOT_SENT = '发送失败，请稍后重试！';

function personMessage(uid: string, { flags, fromUid, payload }: Omit<ImSendBatchV1, 'subscribers'>): ImNewMessage {
  const { noPersist, redDot, syncOnce } = imFlags(flags);
  return {
    noPersist,
    redDot,
    syncOnce,
    startsStream: false,
    setting: 0,
    clientMsgNo: newClientMsgNo(),
    streamNo: '',
    fromUid,
    channelId: uid,
    channelType: IM_PERSON,
    topic: '',
    expire: 0,
    payload,
    subscribers: null,
  };
}

/** As the server whose interface this is makes them. */
export const newClientMsgNo = (): string => `${randomUUID().replaceAll('-', '')}0`;

function deliveryOf(
  message: ImOutgoing,
  placed: ImPlaced | undefined,
  origin: string | null,
  timestamp: number,
): ImDelivery[] {
  if (!placed || placed.refusal || (message.storage === 'stream' && placed.streamSeq === 0)) return [];
  return [
    {
      message: {
        noPersist: message.noPersist,
        redDot: message.redDot,
        syncOnce: message.syncOnce,
        setting: message.setting,
        messageId: message.messageId,
        clientMsgNo: message.clientMsgNo,
        streamNo: message.streamNo,
        streamSeq: placed.streamSeq,
        messageSeq: placed.messageSeq,
        fromUid: message.fromUid,
        channelId: message.channelId,
        channelType: message.channelType,
        topic: message.topic,
        expire: message.expire,
        timestamp,
        payload: message.payload,
      },
      isQueued: message.storage === 'queue',
      channelKey: placed.channelKey,
      recipients: message.recipients,
      origin,
    },
  ];
}
