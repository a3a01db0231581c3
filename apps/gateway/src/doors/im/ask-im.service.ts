import { Injectable } from '@nestjs/common';
import {
  IM_RPC,
  MAX_IM_SENDS,
  columnsOfImSends,
  type ImChangeAnswer,
  type ImChangeV1,
  type ImHandedOverV1,
  type ImNewMessage,
  type ImSendAnswer,
  type ImSendBatchAnswer,
  type ImSendBatchV1,
  type ImSent,
} from '#contracts';
import { ImHandoverRepository } from '#entities';
import { MessageBus } from '#messaging';
import { SharedRequest } from '../../real-time/shared-request.js';
import { Patience, WITHIN_MS } from './patience.js';

/** What a batch may take beyond that, ms for each recipient. */
const MS_PER_RECIPIENT = 1;
/** As much of what is handed over, or written for all recipients together, takes a millisecond more. */
const BYTES_PER_MS = 1024;
/** Text of a request beyond which it waits in the database instead of travelling through the broker. */
const HANDOVER_BYTES = 256 * 1024;

/** Has im-sync do what callers of the door want; messages that come at the same time travel in one request. */
@Injectable()
export class AskImService {
  private readonly sends: SharedRequest<ImNewMessage, ImSent>;

  constructor(
    private readonly bus: MessageBus,
    private readonly handovers: ImHandoverRepository,
  ) {
    this.sends = new SharedRequest<ImNewMessage, ImSent>({
      pattern: IM_RPC.send,
      maxBatch: MAX_IM_SENDS,
      withinMs: WITHIN_MS,
      bytesOf,
      ask: async (messages, timeoutMs) =>
        (await this.bus.request<ImSendAnswer>(IM_RPC.send, columnsOfImSends(messages), timeoutMs)).sent,
    });
  }

  /** @throws AppError `transient`: whether it was sent is unknown, unless nobody was there */
  async send(message: ImNewMessage): Promise<ImSent> {
    const bytes = bytesOf(message);
    if (bytes <= HANDOVER_BYTES) return this.sends.add(message);
    const columns = columnsOfImSends([message]);
    const { sent } = await this.handOver<ImSendAnswer>(IM_RPC.send, columns, WITHIN_MS + bytes / BYTES_PER_MS);
    if (!sent[0]) throw new Error('a message was sent and not answered');
    return sent[0];
  }

  /** @throws AppError as `send` */
  sendBatch(batch: ImSendBatchV1): Promise<ImSendBatchAnswer> {
    const bytes = batch.payload.length + bytesOfAll(batch.subscribers);
    const copies = batch.subscribers.length * batch.payload.length;
    const withinMs = WITHIN_MS + batch.subscribers.length * MS_PER_RECIPIENT + copies / BYTES_PER_MS;
    return this.ask<ImSendBatchAnswer>(IM_RPC.sendBatch, batch, bytes, withinMs);
  }

  /** @throws AppError as `send` */
  async change(change: ImChangeV1): Promise<void> {
    const withinMs = WITHIN_MS + change.uids.length * MS_PER_RECIPIENT;
    await this.ask<ImChangeAnswer>(IM_RPC.change, change, bytesOfAll(change.uids), withinMs);
  }

  private ask<T>(pattern: string, request: object, bytes: number, withinMs: number): Promise<T> {
    if (bytes > HANDOVER_BYTES) return this.handOver(pattern, request, withinMs);
    return this.bus.request<T>(pattern, request, withinMs);
  }

  private async handOver<T>(pattern: string, request: object, withinMs: number): Promise<T> {
    const patience = new Patience(withinMs);
    const ticket: ImHandedOverV1 = { pattern, id: await patience.with(this.handovers.put(request)) };
    return this.bus.request<T>(IM_RPC.handedOver, ticket, patience.leftMs);
  }
}

const bytesOf = ({ payload, fromUid, channelId, clientMsgNo, subscribers }: ImNewMessage): number =>
  payload.length + Buffer.byteLength(fromUid + channelId + clientMsgNo) + bytesOfAll(subscribers ?? []);

/** With what JSON puts around each. */
const bytesOfAll = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 3, 0);
