import { Injectable } from '@nestjs/common';
import { IM_INFO, type ImRefusal } from '#contracts';
import { Database, type Sql, type Transaction } from '../connection/database.js';
import { ImConversationRepository } from './im-conversation.repository.js';
import { namedMessagesOf, sentRedDotsOf } from './im-conversation-changes.js';
import type { ImOutgoing, ImPlaced, ImStorage } from './im-outgoing.js';
import { ADD_CHUNKS, APPEND, CHANNELS, ENQUEUE, START_STREAMS } from './im-send.sql.js';

interface ChannelFacts {
  channelKey: number | null;
  isLarge: boolean;
}

const NOWHERE: ImPlaced = {
  refusal: null,
  messageSeq: 0,
  streamSeq: 0,
  channelKey: null,
  isLarge: false,
};

/** The one way in which messages get into the tables. */
@Injectable()
export class ImSendRepository {
  constructor(
    private readonly database: Database,
    private readonly conversations: ImConversationRepository,
  ) {}

  /**
   * One transaction for all; `placed[i]` belongs to `messages[i]`.
   * @param nowMs epoch ms by the database's clock
   * @param along what is to be committed with them, or not at all
   */
  async send(
    messages: readonly ImOutgoing[],
    nowMs: number,
    along?: (tx: Sql, placed: readonly ImPlaced[]) => Promise<void>,
  ): Promise<ImPlaced[]> {
    if (!along && messages.every(({ storage, recipients }) => storage === 'nowhere' && recipients)) {
      return messages.map(() => NOWHERE);
    }
    const isLogOnly = messages.every(({ storage, startsStream, subscribers }) => {
      return storage === 'log' && !startsStream && !subscribers;
    });
    return this.database.plannedOnce((tx) =>
      isLogOnly && !along ? this.log(tx, messages, nowMs) : this.place(tx, messages, nowMs, along),
    );
  }

  /** Most messages: no statement needs the answer of another, so that all of them are one round trip. */
  private async log(tx: Transaction, messages: readonly ImOutgoing[], nowMs: number): Promise<ImPlaced[]> {
    const placed = messages.map(() => NOWHERE);
    const sent = Promise.all([
      append(tx, messages, [...messages.keys()], placed, nowMs),
      this.conversations.addSent(tx, sentRedDotsOf(messages)),
    ]);
    tx.commit();
    await sent;
    return placed;
  }

  private async place(
    tx: Sql,
    messages: readonly ImOutgoing[],
    nowMs: number,
    along?: (tx: Sql, placed: readonly ImPlaced[]) => Promise<void>,
  ): Promise<ImPlaced[]> {
    const placed = await refuse(tx, messages);
    const going: Record<ImStorage, number[]> = { log: [], queue: [], stream: [], nowhere: [] };
    messages.forEach(({ storage }, i) => {
      if (!placed[i]?.refusal) going[storage].push(i);
    });
    const logged = going.log.map((i) => messages[i] as ImOutgoing);
    await append(tx, messages, going.log, placed, nowMs);
    await enqueue(tx, messages, going.queue, placed, nowMs);
    await addChunks(tx, messages, going.stream, placed);
    await this.conversations.addSent(tx, sentRedDotsOf(logged));
    const places = going.log.map((i) => placed[i] as ImPlaced);
    await this.conversations.addNamed(tx, namedMessagesOf(logged, places, nowMs));
    await along?.(tx, placed);
    return placed;
  }
}

/** Looks up the channels of messages that do not get into a log, and refuses what a large channel does not take. */
async function refuse(tx: Sql, messages: readonly ImOutgoing[]): Promise<ImPlaced[]> {
  // Whoever places a message puts another object there.
  const placed = messages.map(() => NOWHERE);
  const asked = [...messages.keys()].filter((i) => {
    const message = messages[i];
    return message && message.storage !== 'log' && (message.storage === 'queue' || !message.recipients);
  });
  if (asked.length === 0) return placed;
  const facts = await tx.query<ChannelFacts>(
    CHANNELS,
    [asked.map((i) => messages[i]?.storedId), asked.map((i) => messages[i]?.channelType)],
    'im_channels',
  );
  asked.forEach((i, k) => {
    const isLarge = facts[k]?.isLarge ?? false;
    const refusal: ImRefusal | null = isLarge && messages[i]?.storage === 'queue' ? 'large_sync_once' : null;
    placed[i] = { ...NOWHERE, isLarge, refusal, channelKey: facts[k]?.channelKey ?? null };
  });
  return placed;
}

async function append(
  tx: Sql,
  messages: readonly ImOutgoing[],
  places: readonly number[],
  placed: ImPlaced[],
  nowMs: number,
): Promise<void> {
  if (places.length === 0) return;
  const given = places.map((i) => messages[i] as ImOutgoing);
  const { payloads, payloadNos } = distinctPayloads(given);
  const rows = await tx.query<Pick<ImPlaced, 'channelKey' | 'messageSeq' | 'isLarge'>>(
    APPEND,
    [
      given.map((message) => message.storedId),
      oneOrAll(given.map((message) => message.channelType)),
      given.map((message) => message.messageId),
      given.map((message) => message.clientMsgNo),
      oneOrAll(given.map((message) => message.redDot)),
      oneOrAll(given.map((message) => message.setting)),
      oneOrAll(given.map((message) => message.fromUid)),
      given.map((message) => message.channelId),
      oneOrAll(given.map((message) => message.topic)),
      oneOrAll(given.map((message) => message.streamNo)),
      oneOrAll(given.map((message) => message.expire)),
      oneOrAll(payloadNos),
      payloads,
      oneOrAll(given.map((message) => message.channelType !== IM_INFO && message.subscribers === null)),
      oneOrAll(given.map((message) => message.isFromLeft)),
      nowMs,
    ],
    'im_append',
  );
  places.forEach((i, k) => {
    const { channelKey, messageSeq, isLarge } = rows[k] ?? NOWHERE;
    placed[i] = { refusal: null, messageSeq, streamSeq: 0, channelKey, isLarge };
  });
  const starts = given.filter(({ startsStream }) => startsStream);
  if (starts.length === 0) return;
  await tx.query(START_STREAMS, [
    starts.map(({ streamNo }) => streamNo),
    starts.map(({ storedId }) => storedId),
    starts.map(({ channelType }) => channelType),
  ]);
}

async function enqueue(
  tx: Sql,
  messages: readonly ImOutgoing[],
  places: readonly number[],
  placed: readonly ImPlaced[],
  nowMs: number,
): Promise<void> {
  if (places.length === 0) return;
  const given = places.map((i) => messages[i] as ImOutgoing);
  const { payloads, payloadNos } = distinctPayloads(given);
  const named = given.flatMap(({ recipients }, k) => (recipients ?? []).map((uid) => ({ place: k + 1, uid })));
  await tx.query(
    ENQUEUE,
    [
      given.map((message) => message.messageId),
      given.map((message) => message.clientMsgNo),
      given.map((message) => message.redDot),
      given.map((message) => message.setting),
      given.map((message) => message.fromUid),
      given.map((message) => message.channelId),
      given.map((message) => message.channelType),
      given.map((message) => message.topic),
      given.map((message) => message.expire),
      payloadNos,
      payloads,
      places.map((i) => (messages[i]?.recipients ? null : (placed[i]?.channelKey ?? null))),
      named.map(({ place }) => place),
      named.map(({ uid }) => uid),
      nowMs,
    ],
    'im_enqueue',
  );
}

async function addChunks(
  tx: Sql,
  messages: readonly ImOutgoing[],
  places: readonly number[],
  placed: ImPlaced[],
): Promise<void> {
  if (places.length === 0) return;
  const given = places.map((i) => messages[i] as ImOutgoing);
  const rows = await tx.query<{ streamSeq: number | null }>(
    ADD_CHUNKS,
    [
      given.map(({ streamNo }) => streamNo),
      given.map(({ clientMsgNo }) => clientMsgNo),
      given.map(({ payload }) => payload),
    ],
    'im_chunks',
  );
  places.forEach((i, k) => (placed[i] = { ...(placed[i] ?? NOWHERE), streamSeq: rows[k]?.streamSeq ?? 0 }));
}

/** The one value of a column in which all are alike: in a batch to many most are. */
function oneOrAll<T>(column: readonly T[]): readonly T[] {
  const [first] = column;
  return column.every((value) => value === first) ? column.slice(0, 1) : column;
}

/** A batch to many carries its payload once. Places from 1. */
function distinctPayloads(messages: readonly ImOutgoing[]): { payloads: string[]; payloadNos: number[] } {
  const places = new Map<string, number>();
  const payloadNos = messages.map(({ payload }) => {
    const place = places.get(payload) ?? places.size + 1;
    places.set(payload, place);
    return place;
  });
  return { payloads: [...places.keys()], payloadNos };
}
