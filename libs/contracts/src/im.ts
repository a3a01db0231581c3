import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  Min,
} from 'class-validator';

/** RPC patterns of the IM door. im-sync answers them. */
export const IM_RPC = {
  send: 'im-sync.im.send',
  sendBatch: 'im-sync.im.send-batch',
  change: 'im-sync.im.change',
  /** A request of one of the patterns above that is too large for the broker: it waits in the database. */
  handedOver: 'im-sync.im.handed-over',
} as const;

/** Most messages that travel in one `ImSendV1`. */
export const MAX_IM_SENDS = 500;

export const IM_PERSON = 1;
export const IM_GROUP = 2;
/** Info channels make no conversations. */
export const IM_INFO = 6;

/** Bits of `ImSendV1.flags`. */
export const IM_FLAG = { noPersist: 1, redDot: 2, syncOnce: 4, startsStream: 8 } as const;

/** Bit of `setting`: the text of the message arrives in pieces. */
export const IM_SETTING_STREAM = 4;

/** What somebody wants sent. */
export interface ImNewMessage {
  noPersist: boolean;
  redDot: boolean;
  /** Into the queue of each recipient instead of the log of the channel. */
  syncOnce: boolean;
  setting: number;
  clientMsgNo: string;
  /** Starts a stream, or adds a piece to one; empty: none. */
  streamNo: string;
  startsStream: boolean;
  /** Empty: nobody in particular. */
  fromUid: string;
  /** As the sender addresses it: of a person channel the receiver. */
  channelId: string;
  channelType: number;
  topic: string;
  /** Seconds; 0: never. */
  expire: number;
  /** Base64. */
  payload: string;
  /** Who gets it, no two alike; null: all subscribers of the channel. */
  subscribers: readonly string[] | null;
}

/**
 * RPC request: messages in their order, as columns: place `i` of each list belongs to message `i`. The subscribers of all
 * stand in one list, those of message `i` being the next `subscriberCounts[i]`; -1: all of its channel.
 */
export class ImSendV1 {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_IM_SENDS)
  @IsInt({ each: true })
  flags!: number[];

  @IsArray()
  @IsInt({ each: true })
  settings!: number[];

  @IsArray()
  @IsString({ each: true })
  clientMsgNos!: string[];

  @IsArray()
  @IsString({ each: true })
  streamNos!: string[];

  @IsArray()
  @IsString({ each: true })
  fromUids!: string[];

  @IsArray()
  @IsString({ each: true })
  channelIds!: string[];

  @IsArray()
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(255, { each: true })
  channelTypes!: number[];

  @IsArray()
  @IsString({ each: true })
  topics!: string[];

  @IsArray()
  @IsInt({ each: true })
  expires!: number[];

  @IsArray()
  @IsString({ each: true })
  payloads!: string[];

  @IsArray()
  @IsInt({ each: true })
  subscriberCounts!: number[];

  @IsArray()
  @IsString({ each: true })
  subscribers!: string[];
}

/** Why a message was not taken. */
export const IM_REFUSALS = ['large_sync_once', 'unstorable'] as const;
export type ImRefusal = (typeof IM_REFUSALS)[number];

/** What became of a message. */
export interface ImSent {
  /** Decimal int64. */
  messageId: string;
  /** In the log of its channel; 0: it does not stand there. */
  messageSeq: number;
  refusal: ImRefusal | null;
}

/** `sent[i]` belongs to message `i`. */
export interface ImSendAnswer {
  sent: ImSent[];
}

/** RPC request: one person message to each subscriber, however often he is named. */
export class ImSendBatchV1 {
  @IsInt()
  @Min(0)
  @Max(7)
  flags!: number;

  @IsString()
  fromUid!: string;

  @IsString()
  payload!: string;

  @IsArray()
  @ArrayMinSize(1)
  @IsString({ each: true })
  subscribers!: string[];
}

/** Who got nothing, and why: place by place. */
export interface ImSendBatchAnswer {
  failUids: string[];
  reasons: string[];
}

export const IM_CHANGES = [
  'create',
  'describe',
  'delete',
  'add_subscribers',
  'remove_subscribers',
  'list_add',
  'list_set',
  'list_remove',
] as const;
export type ImChange = (typeof IM_CHANGES)[number];

/** RPC request: a change of a channel, of its subscribers, or of its black or white list. */
export class ImChangeV1 {
  @IsIn(IM_CHANGES)
  what!: ImChange;

  @IsString()
  channelId!: string;

  @IsInt()
  @Min(0)
  @Max(255)
  channelType!: number;

  /** Of `create` and `describe`. */
  @IsBoolean()
  isLarge = false;

  @IsBoolean()
  isBanned = false;

  @IsBoolean()
  isDisbanded = false;

  /** `add_subscribers`: they replace those there are. */
  @IsBoolean()
  isReset = false;

  /** Subscribers without a conversation. */
  @IsBoolean()
  isTemporary = false;

  @IsOptional()
  @IsIn(['black', 'white'])
  list?: 'black' | 'white';

  @IsArray()
  @IsString({ each: true })
  uids: string[] = [];
}

export type ImChangeAnswer = Record<string, never>;

/** RPC request: carry out what waits under this id. The answer is that of its pattern. */
export class ImHandedOverV1 {
  @IsIn([IM_RPC.send, IM_RPC.sendBatch, IM_RPC.change])
  pattern!: string;

  @IsUUID()
  id!: string;
}

/** A message on its way to whoever is online: a row for each that was sent, stored or not, after the commit. */
export interface ImDelivery {
  message: ImMessage;
  /** Stands in the queue of each recipient, and has a seq of its own there. */
  isQueued: boolean;
  /** Key of the row of its channel; null: it has none. */
  channelKey: number | null;
  /** Who gets it; null: all subscribers of the channel. */
  recipients: readonly string[] | null;
  /** Connection that sent it and does not get it back; null: it came over HTTP. */
  origin: string | null;
}

/** A message as it was sent. */
export interface ImMessage {
  noPersist: boolean;
  redDot: boolean;
  syncOnce: boolean;
  setting: number;
  /** Decimal int64. */
  messageId: string;
  clientMsgNo: string;
  /** Empty: it is no stream and no piece of one. */
  streamNo: string;
  /** Place of a piece in its stream, from 1; 0: it is none. */
  streamSeq: number;
  /** In the log of its channel, or in the queue of whoever reads it; 0: it stands in neither. */
  messageSeq: number;
  fromUid: string;
  /** As its sender addressed it. */
  channelId: string;
  channelType: number;
  topic: string;
  /** Seconds; 0: never. */
  expire: number;
  /** Epoch seconds. */
  timestamp: number;
  /** Base64. */
  payload: string;
}

/** A piece of a stream. */
export interface ImStreamChunk {
  streamSeq: number;
  clientMsgNo: string;
  /** Base64. */
  payload: string;
}

/** Lets a client app in; its name stands among the features of the app. */
export const IM_FEATURE = 'im';
