import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
} from 'class-validator';
import { CHANNELS, type Channel } from './channel.js';

/** Doorbell: these messages are committed and due for fan-out. The `work` rows are the record. */
export class MessageAcceptedV1 {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @IsUUID(undefined, { each: true })
  messageIds!: string[];
}

/** Deliveries of one batch, and so of one piece of work. */
export const BATCH_DELIVERIES = 200;

/** A batch of due work of one channel, from any messages. */
export class DeliveryRequestedV1 {
  @IsIn(CHANNELS)
  channel!: Channel;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(BATCH_DELIVERIES)
  @IsInt({ each: true })
  workIds!: number[];
}

/** Empty doorbell: settlements wait to be folded. */
export class DeliverySettledV1 {}

/** Empty doorbell: receipts wait to be matched. */
export class ReceiptArrivedV1 {}

/** RPC request: send a probe to this address and answer the provider's own words. */
export class ChannelTestV1 {
  @IsIn(CHANNELS)
  channel!: Channel;

  @IsString()
  @MaxLength(512)
  address!: string;

  /** Account to test; without it the one that would be chosen. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  accountId?: string;

  /** What to send; without it and `templateId`, what the account's provider is likely to take. */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  text?: string;

  /** Template at the vendor, with the values of its placeholders. */
  @IsOptional()
  @IsString()
  @MaxLength(128)
  templateId?: string;

  @IsOptional()
  @IsObject()
  params?: Record<string, string>;
}

export interface ChannelTestAnswer {
  outcome: string;
  provider: string;
  code?: string;
  /** The provider's own words. */
  words?: string;
  /** What to do next, for the usual errors. */
  hint?: { zh: string; en: string };
}
