import { ArrayMaxSize, IsArray, IsInt, IsString } from 'class-validator';

/** Topics that the processes with listeners for instant messages hear. */
export const IM_TOPIC = {
  sent: 'im-sync.im.sent',
  ended: 'im-sync.im.ended',
  channelChanged: 'im-sync.im.channel-changed',
} as const;

/** Bit of `ImSentV1.flags` beside those of `IM_FLAG`: stands in the queue of each recipient, and has a seq of its own there. */
export const IM_QUEUED = 16;

/** Most messages of one broadcast. */
export const MAX_IM_SENT = 500;

/** Most that a message may hold to be pushed, in bytes; larger ones are read from the log. */
export const MAX_IM_PUSH_BYTES = 512 * 1024;

/**
 * Broadcast: messages that were committed, as columns: place `i` of each list belongs to message `i`. Payloads stand once
 * each, as do the recipients of all in one list, those of message `i` being the next `recipientCounts[i]`; -1: all
 * subscribers of its channel.
 */
export class ImSentV1 {
  @IsArray()
  @ArrayMaxSize(MAX_IM_SENT)
  @IsInt({ each: true })
  flags!: number[];

  @IsArray()
  @IsInt({ each: true })
  settings!: number[];

  @IsArray()
  @IsString({ each: true })
  messageIds!: string[];

  @IsArray()
  @IsInt({ each: true })
  messageSeqs!: number[];

  @IsArray()
  @IsString({ each: true })
  clientMsgNos!: string[];

  @IsArray()
  @IsString({ each: true })
  streamNos!: string[];

  @IsArray()
  @IsInt({ each: true })
  streamSeqs!: number[];

  @IsArray()
  @IsString({ each: true })
  fromUids!: string[];

  @IsArray()
  @IsString({ each: true })
  channelIds!: string[];

  @IsArray()
  @IsInt({ each: true })
  channelTypes!: number[];

  /** 0: it has no row. */
  @IsArray()
  @IsInt({ each: true })
  channelKeys!: number[];

  @IsArray()
  @IsString({ each: true })
  topics!: string[];

  @IsArray()
  @IsInt({ each: true })
  expires!: number[];

  @IsArray()
  @IsInt({ each: true })
  timestamps!: number[];

  /** Session that sent it and does not get it back; empty: it came over HTTP. */
  @IsArray()
  @IsString({ each: true })
  origins!: string[];

  /** Which of `payloads`. */
  @IsArray()
  @IsInt({ each: true })
  payloadNos!: number[];

  /** Base64. */
  @IsArray()
  @IsString({ each: true })
  payloads!: string[];

  @IsArray()
  @IsInt({ each: true })
  recipientCounts!: number[];

  @IsArray()
  @IsString({ each: true })
  recipients!: string[];
}

/** Broadcast: these sessions have to end; their rows say why. */
export class ImEndedV1 {
  @IsArray()
  @IsInt({ each: true })
  sessionIds!: number[];
}

/** Broadcast: who gets the messages of these channels may have changed. */
export class ImChannelChangedV1 {
  @IsArray()
  @IsInt({ each: true })
  channelKeys!: number[];
}

/** Why a session ends: its uid logged in on another device, again on the same one, or was asked to leave. */
export const IM_SESSION_ENDS = ['other_device', 'same_device', 'quit'] as const;
export type ImSessionEnd = (typeof IM_SESSION_ENDS)[number];

/** Levels of devices. */
export const IM_SLAVE = 0;
export const IM_MASTER = 1;
