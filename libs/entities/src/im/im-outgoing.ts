import type { ImNewMessage, ImRefusal } from '#contracts';

/** Where a message is kept: the log of its channel, the queues of its recipients, a stream, or nowhere. */
export type ImStorage = 'log' | 'queue' | 'stream' | 'nowhere';

/** A message that is about to be sent. */
export interface ImOutgoing extends ImNewMessage {
  /** Decimal int64. */
  messageId: string;
  storage: ImStorage;
  /** Of the row of its channel: of a person channel the id made of both uids. */
  storedId: string;
  /** The left side of a person channel sent it. */
  isFromLeft: boolean;
  /** Who gets it; null: all subscribers of its channel. */
  recipients: readonly string[] | null;
}

export interface ImPlaced {
  refusal: ImRefusal | null;
  /** In the log of its channel; 0: it does not stand there. */
  messageSeq: number;
  /** Place of a piece in its stream; 0: it is none, or its stream is unknown or has ended. */
  streamSeq: number;
  /** Null: the channel has no row. */
  channelKey: number | null;
  isLarge: boolean;
}
